import type { Logger } from '@preservarium/backend';
import type { Deliverer, DeliveryResult } from '@preservarium/deliverer';
import QuickLRU from 'quick-lru';
import type { Conclusion, Outcomes } from '../outcome/outcomes.js';
import type { CommandLedger, CommandTarget, PendingCommand } from '../pending-command.js';
import { createDeliveryLoop } from './delivery-loop.js';
import { createDevice, type Device, hasWaiting } from './device.js';
import type { RetryPolicy } from './retry-policy.js';
import { createSupersession } from './supersession.js';

export interface DeviceSchedulerOptions {
  readonly deliverer: Pick<Deliverer, 'deliver'>;
  readonly outcomes: Outcomes;
  readonly retry: RetryPolicy;
  readonly maxWaitMs: number;
  readonly maxConcurrentDeliveries: number;
  readonly maxRememberedIds: number;
  readonly clock: () => number;
  readonly logger: Logger;
  /** Resolves when attempts may start; `undefined` when they may now. */
  untilWritable(): Promise<void> | undefined;
  /** The command is forgotten because its partition goes to another connector. */
  onDropped(pending: PendingCommand): void;
}

/** Delivers the commands of each device one after another, and those of different devices side by side. */
export interface DeviceScheduler {
  schedule(pending: PendingCommand): void;
  /** Ends the command unless an attempt is in flight. */
  cancel(target: CommandTarget): void;
  /** Returns true while the command is scheduled, or comes back from the changelog. */
  has(target: CommandTarget): boolean;
  /** Tries again at once; returns whether anything waits for the device. */
  reachable(deviceId: string): boolean;
  /** Starts no new attempt of this partition, and resolves when none is in flight. */
  drain(ledger: CommandLedger): Promise<void>;
  /** Puts into the changelog what has been attempted, so that the next owner of the partition knows. */
  deferAttempted(ledger: CommandLedger): void;
  /** Writes anew what waits in this partition and is old. */
  renewWaiting(ledger: CommandLedger, isOld: (pending: PendingCommand) => boolean): void;
  /** Forgets everything of this partition. */
  drop(ledger: CommandLedger): void;
  /** Commands that wait for their devices. */
  waiting(): number;
}

export function createDeviceScheduler(options: DeviceSchedulerOptions): DeviceScheduler {
  const { outcomes, retry, maxWaitMs, maxRememberedIds, clock } = options;
  const devices = new Map<CommandLedger, Map<string, Device>>();
  // Devices by request ids: one device's request id is nothing to another.
  const delivered = new QuickLRU<string, string>({ maxSize: maxRememberedIds });
  const supersession = createSupersession(maxRememberedIds);
  let waiting = 0;
  const loop = createDeliveryLoop({
    ...options,
    deadlineMs,
    onDispatched: outcomes.dispatched,
    onResult,
    onOverdue,
    onIdle: forgetIfDone,
  });

  // ---- commands that come in

  function schedule(pending: PendingCommand): void {
    const device = deviceOf(pending);
    const { requestId } = pending.command;
    const isBack = device.comingBack.size > 0 && device.comingBack.delete(pending.record.offset);
    const isKnown = delivered.get(requestId) === device.id || device.queue.get(requestId) !== undefined;
    if (pending.waitingSinceMs !== undefined) waiting += Number(!isKnown) - Number(isBack);
    if (isKnown) outcomes.passOver(pending);
    else place(device, pending);
    forgetIfDone(device);
  }

  function place(device: Device, pending: PendingCommand): void {
    if (pending.ledger.isCancelled(pending.command)) {
      conclude(pending, { state: 'cancelled' });
      return;
    }
    if (supersession.isOutdated(pending)) {
      const reason = 'by a newer one that came before it was sent again';
      conclude(pending, { state: 'superseded', reason });
      return;
    }
    if (pending.waitingSinceMs === undefined && hasWaiting(device)) {
      defer(device, pending, 'earlier commands of the device wait');
      return;
    }
    supersedeOlder(device, pending);
    device.queue.add(pending);
    loop.serve(device);
  }

  function deviceOf({ command: { deviceId }, ledger }: PendingCommand): Device {
    let ofLedger = devices.get(ledger);
    if (ofLedger === undefined) {
      ofLedger = new Map();
      devices.set(ledger, ofLedger);
    }
    let device = ofLedger.get(deviceId);
    if (device === undefined) {
      device = createDevice(deviceId, ledger);
      ofLedger.set(deviceId, device);
    }
    return device;
  }

  function forgetIfDone({ id, ledger, queue, comingBack, isServed }: Device): void {
    if (!isServed && queue.size() === 0 && comingBack.size === 0) devices.get(ledger)?.delete(id);
  }

  function supersedeOlder(device: Device, newer: PendingCommand): void {
    const { supersedeKey } = newer.command;
    if (supersedeKey === undefined) return;
    const older = device.queue.newestOf(supersedeKey);
    if (older === undefined || older === device.delivering) return;
    if (older.record.offset < newer.record.offset) supersede(device, older, newer);
  }

  function supersede(device: Device, older: PendingCommand, { command }: PendingCommand): void {
    device.queue.remove(older);
    conclude(older, { state: 'superseded', reason: `by ${command.requestId}` });
  }

  function has({ deviceId, requestId }: CommandTarget): boolean {
    return devicesNamed(deviceId).some(
      ({ queue, comingBack }) => comingBack.size > 0 || queue.get(requestId) !== undefined,
    );
  }

  function cancel({ deviceId, requestId }: CommandTarget): void {
    for (const device of devicesNamed(deviceId)) {
      const pending = device.queue.get(requestId);
      if (pending === undefined || pending === device.delivering) continue;
      device.queue.remove(pending);
      conclude(pending, { state: 'cancelled' });
    }
  }

  // ---- the result of an attempt

  function onResult(device: Device, pending: PendingCommand, result: DeliveryResult): void {
    if (result.kind === 'delivered') {
      delivered.set(pending.command.requestId, device.id);
      device.queue.remove(pending);
      const { evidence, reason, result: answer } = result;
      conclude(pending, {
        state: 'delivered',
        evidence,
        result: answer,
        ...(reason !== undefined && { reason }),
      });
    } else if (result.kind === 'rejected') {
      device.queue.remove(pending);
      conclude(pending, { state: 'rejected', reason: result.reason, deadLetter: 'rejected' });
    } else if (!pending.ledger.abandoned.aborted) {
      const newer = newerOf(device, pending);
      if (pending.ledger.isCancelled(pending.command)) {
        device.queue.remove(pending);
        conclude(pending, { state: 'cancelled' });
      } else if (newer === undefined) tryLater(device, pending, result);
      else supersede(device, pending, newer);
    }
  }

  /** One that came to replace it while its attempt was in flight. */
  function newerOf({ queue }: Device, { command, record }: PendingCommand): PendingCommand | undefined {
    const newest = command.supersedeKey === undefined ? undefined : queue.newestOf(command.supersedeKey);
    return newest !== undefined && newest.record.offset > record.offset ? newest : undefined;
  }

  function tryLater(
    device: Device,
    pending: PendingCommand,
    result: Extract<DeliveryResult, { kind: 'retryable' }>,
  ): void {
    const isWaiting = pending.waitingSinceMs !== undefined;
    const decision = retry({ attempts: pending.attempts, isWaiting }, result);
    if (decision.kind === 'give up') {
      device.queue.remove(pending);
      conclude(pending, { state: 'dead', reason: decision.reason, deadLetter: 'exhausted' });
      return;
    }
    device.nextAttemptAtMs = performance.now() + decision.afterMs;
    if (decision.kind === 'retry' && !isWaiting) return;
    for (const next of device.queue.all()) {
      if (next.waitingSinceMs !== undefined) continue;
      device.queue.remove(next);
      defer(device, next, result.reason);
    }
  }

  // ---- waiting

  function defer(device: Device, pending: PendingCommand, reason: string): void {
    const { offset } = pending.record;
    waiting++;
    device.comingBack.add(offset);
    outcomes.defer(pending, reason, () => {
      if (!device.comingBack.delete(offset)) return;
      waiting--;
      forgetIfDone(device);
    });
  }

  function deadlineMs({ command, waitingSinceMs }: PendingCommand): number {
    const expiresAtMs = command.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    return waitingSinceMs === undefined ? expiresAtMs : Math.min(expiresAtMs, waitingSinceMs + maxWaitMs);
  }

  function onOverdue(pending: PendingCommand): void {
    const { expiresAt } = pending.command;
    const hasExpired = expiresAt !== undefined && expiresAt.getTime() <= clock();
    const reason = `waited for ${maxWaitMs} ms, the longest that a command may wait (maxWaitMs)`;
    conclude(pending, hasExpired ? { state: 'expired' } : { state: 'dead', reason, deadLetter: 'exhausted' });
  }

  function reachable(deviceId: string): boolean {
    const found = devicesNamed(deviceId);
    for (const device of found) {
      device.nextAttemptAtMs = 0;
      device.wake?.();
    }
    return found.length > 0;
  }

  /** One, unless its commands are on several partitions, because their producers hash keys differently. */
  function devicesNamed(deviceId: string): Device[] {
    return [...devices.values()].flatMap((ofLedger) => ofLedger.get(deviceId) ?? []);
  }

  function conclude(pending: PendingCommand, conclusion: Conclusion): void {
    if (pending.waitingSinceMs !== undefined && !pending.ledger.isGone) waiting--;
    outcomes.conclude(pending, conclusion);
  }

  // ---- partitions that go to another connector

  async function drain(ledger: CommandLedger): Promise<void> {
    ledger.end();
    for (const device of devicesOf(ledger)) device.wake?.();
    await loop.idle(ledger);
  }

  function deferAttempted(ledger: CommandLedger): void {
    for (const { queue } of devicesOf(ledger)) {
      for (const pending of queue.all()) {
        if (pending.attempts.started === pending.knownAttempts) continue;
        if (pending.waitingSinceMs !== undefined) {
          outcomes.keepAttempts(pending);
        } else {
          queue.remove(pending);
          outcomes.defer(pending, 'its partition goes to another connector', () => {});
        }
      }
    }
  }

  function renewWaiting(ledger: CommandLedger, isOld: (pending: PendingCommand) => boolean): void {
    for (const { queue } of devicesOf(ledger)) {
      for (const pending of queue.all()) {
        if (pending.waitingSinceMs !== undefined && isOld(pending)) outcomes.keepAttempts(pending);
      }
    }
  }

  function drop(ledger: CommandLedger): void {
    for (const { queue, comingBack } of devicesOf(ledger)) {
      waiting -= comingBack.size;
      for (const pending of queue.all()) {
        if (pending.waitingSinceMs !== undefined) waiting--;
        options.onDropped(pending);
      }
    }
    devices.delete(ledger);
  }

  function devicesOf(ledger: CommandLedger): Iterable<Device> {
    return devices.get(ledger)?.values() ?? [];
  }

  return {
    schedule,
    cancel,
    has,
    reachable,
    drain,
    deferAttempted,
    renewWaiting,
    drop,
    waiting: () => waiting,
  };
}
