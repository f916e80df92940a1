import type { Logger } from '@preservarium/backend';
import type { Deliverer, DeviceReport } from '@preservarium/deliverer';
import QuickLRU from 'quick-lru';
import type { DecodeRecord } from '../intake/decode-record.js';
import type { SignatureCheck } from '../intake/signature-check.js';
import type { WaitingCommand } from '../ledger/waiting-store.js';
import type { Outcomes, Wait } from '../outcome/outcomes.js';
import type { CommandLedger, CommandTarget, PendingCommand } from '../pending-command.js';
import { away, createAttemptResults } from './attempt-results.js';
import { createAwaitedAnswers } from './awaited-answers.js';
import { cancelledEnd } from './cancelled-end.js';
import { createDeliveryLoop } from './delivery-loop.js';
import { awaitReturn, type Device, hasWaiting, waitBehindOthers } from './device.js';
import { createDeviceAnswers } from './device-answers.js';
import { createDevices } from './devices.js';
import { conclusionOf, type RequiredProof } from './required-proof.js';
import type { RetryPolicy } from './retry-policy.js';
import { createStoredCommands } from './stored-commands.js';
import { createSupersession } from './supersession.js';
import { createWaitingDevices } from './waiting-devices.js';
import { createWakeRate } from './wake-rate.js';

export interface DeviceSchedulerOptions {
  readonly deliverer: Pick<Deliverer, 'deliver'>;
  readonly decode: DecodeRecord;
  readonly outcomes: Outcomes;
  readonly retry: RetryPolicy;
  readonly proof: RequiredProof;
  /** Returns true if the device says that it is away: nothing is sent to it. */
  isAway(deviceId: string): boolean;
  /** Devices a second whose waiting commands are taken up. */
  readonly wakeRate: number;
  /** Returns why the signature of a command that waited is refused. */
  refusalOf: SignatureCheck['atReturn'];
  readonly maxWaitMs: number;
  readonly maxConcurrentDeliveries: number;
  /** Devices whose answers are awaited in memory. */
  readonly maxAwaited: number;
  readonly maxRememberedIds: number;
  /** The records are envelopes of `@preservarium/core`. */
  readonly isEnvelope: boolean;
  readonly clock: () => number;
  readonly logger: Logger;
  /** The store of waiting commands cannot be used. */
  onFailed(error: unknown): void;
  /** The command is forgotten because its partition goes to another connector. */
  onDropped(pending: PendingCommand): void;
}

/** Delivers the commands of each device one after another, and those of different devices side by side. */
export interface DeviceScheduler {
  /** The partition is owned: what waits in it may be delivered. */
  open(ledger: CommandLedger): void;
  schedule(pending: PendingCommand): void;
  /** A command waits from now on. */
  takeDeferred(ledger: CommandLedger, command: WaitingCommand): void;
  /** Ends the command unless an attempt is in flight. */
  cancel(target: CommandTarget): void;
  /**
   * The device answered. Ends its command if that requires an answer, was sent, and the report is enough; returns a promise that resolves when the end is
   * in Kafka. Returns undefined where no command ends.
   *
   * @param isWritten the event of the report is in Kafka. Default: false
   */
  answered(report: DeviceReport, isWritten?: boolean): Promise<void> | undefined;
  /** Returns true while the command is scheduled, waits, or comes back from the changelog. */
  has(target: CommandTarget): boolean;
  /** Tries again at once; returns whether anything waits for the device. */
  reachable(deviceId: string): boolean;
  /** Starts no new attempt of this partition, and resolves when none is in flight. */
  drain(ledger: CommandLedger): Promise<void>;
  /** Puts into the changelog what has been attempted, so that the next owner of the partition knows. */
  deferAttempted(ledger: CommandLedger): Promise<void>;
  /** Forgets everything of this partition. */
  drop(ledger: CommandLedger): void;
  /** Commands that wait for their devices. */
  waiting(): number;
  /** Those of them that are in memory until they were read from the changelog. */
  comingBack(): number;
}

export function createDeviceScheduler(options: DeviceSchedulerOptions): DeviceScheduler {
  const { outcomes, proof, maxWaitMs, maxRememberedIds, clock } = options;
  const devices = createDevices();
  const { conclude } = outcomes;
  // Devices by request ids: one device's request id is nothing to another.
  const delivered = new QuickLRU<string, string>({ maxSize: maxRememberedIds });
  const awaited = createAwaitedAnswers(options.maxAwaited, maxRememberedIds);
  const supersession = createSupersession(maxRememberedIds);
  const stored = createStoredCommands({
    decode: options.decode,
    outcomes,
    supersession,
    isDelivered: ({ deviceId, requestId }) => delivered.get(requestId) === deviceId,
    refusalOf: options.refusalOf,
    find: devices.find,
  });
  let comingBack = 0;
  const onDelivered = ({ deviceId, requestId }: CommandTarget) => delivered.set(requestId, deviceId);
  const results = createAttemptResults({
    outcomes,
    retry: options.retry,
    proof,
    awaited,
    clock,
    onDelivered,
    supersede,
    defer,
  });
  const answered = createDeviceAnswers({
    outcomes,
    proof,
    awaited,
    stored,
    devices,
    onDelivered,
    reachable,
  });
  const loop = createDeliveryLoop({
    ...options,
    deadlineMs,
    onDispatched: outcomes.dispatched,
    onResult: results.onResult,
    awaited: awaited.heldBy,
    onUnanswered: results.onUnanswered,
    onOverdue,
    onAway(device) {
      results.onAway(device);
      sleeping.unload(device);
    },
    load: (device) => sleeping.load(device),
    rest: (device) => sleeping.unload(device),
    onIdle(device) {
      if (device.isAwake) sleeping.sleep(device);
      forgetIfDone(device);
    },
  });
  const sleeping = createWaitingDevices({
    maxAwake: 2 * options.maxConcurrentDeliveries,
    rate: createWakeRate(options.wakeRate),
    isAway: options.isAway,
    clock,
    onFailed: options.onFailed,
    ledgers: () => [...devices.ledgers()].filter((ledger) => !ledger.isEnding),
    deviceOf: devices.take,
    serve: loop.serve,
    admit: stored.admit,
    read: stored.read,
    endOverdue,
  });

  // ---- commands that come in

  function open(ledger: CommandLedger): void {
    devices.open(ledger);
    sleeping.start(ledger);
  }

  function schedule(pending: PendingCommand): void {
    const { command, ledger, channel } = pending;
    const { requestId, deviceId } = command;
    const device = devices.take(ledger, channel);
    const isWaiting =
      device.queue.get(requestId) !== undefined ||
      (device.hasStored && ledger.waiting.offsetOf(command) !== undefined);
    if (delivered.get(requestId) === deviceId) outcomes.join(pending, 'delivered');
    else if (isWaiting) outcomes.join(pending, 'waiting');
    else place(device, pending);
    forgetIfDone(device);
  }

  function place(device: Device, pending: PendingCommand): void {
    const cancelled = cancelledEnd(pending.ledger, pending.command);
    if (cancelled !== undefined) {
      conclude(pending, cancelled);
      return;
    }
    if (pending.mayBeRepeat) {
      const report = pending.ledger.answerTo(pending.command);
      const conclusion = report && conclusionOf(report);
      if (conclusion !== undefined && proof.endsBy(pending.command, conclusion)) {
        if (pending.isRedriven) outcomes.join(pending, 'delivered');
        else outcomes.endWritten(pending, conclusion);
        return;
      }
    }
    const outdated = supersession.endOf(pending);
    if (outdated !== undefined) {
      conclude(pending, outdated);
      return;
    }
    if (hasWaiting(device)) {
      defer(device, pending, options.isAway(device.deviceId) ? away : waitBehindOthers(device, pending));
      return;
    }
    supersedeOlder(device, pending);
    device.queue.add(pending);
    loop.serve(device);
  }

  function forgetIfDone(device: Device): void {
    const { channel, ledger, queue } = device;
    if (device.isServed || queue.size() > 0 || device.comingBack.size > 0) return;
    if (device.hasStored && device.nextAttemptAtMs !== 0) sleeping.sleep(device);
    else if (device.hasStored) ledger.waiting.ensureDue(channel);
    devices.forget(device);
  }

  function supersedeOlder(device: Device, newer: PendingCommand): void {
    const { supersedeKey } = newer.command;
    if (supersedeKey === undefined) return;
    const older = device.queue.newestOf(supersedeKey);
    if (older === undefined || older === device.delivering) return;
    if (older.record.offset < newer.record.offset) supersede(device, older, newer.command.requestId);
  }

  function supersede(device: Device, older: PendingCommand, by: string): void {
    device.queue.remove(older);
    device.wake?.();
    conclude(older, { state: 'superseded', reason: `by ${by}` });
  }

  function has(target: CommandTarget): boolean {
    for (const ledger of devices.ledgers()) {
      const channels = devices.channelsOf(ledger, target.deviceId);
      const isInMemory =
        channels.some(({ comingBack }) => comingBack.size > 0) ||
        devices.queued(ledger, target) !== undefined;
      if (isInMemory || ledger.waiting.offsetOf(target) !== undefined) return true;
    }
    return false;
  }

  function cancel(target: CommandTarget): void {
    for (const ledger of devices.ledgers()) {
      const pending = devices.queued(ledger, target);
      const device = pending && devices.find(ledger, pending.channel);
      const waiting = pending === undefined ? ledger.waiting.find(target) : undefined;
      // The connector itself cancels settings that the device has: there is no record of that.
      const end = cancelledEnd(ledger, target) ?? { state: 'cancelled' };
      if (device !== undefined && pending !== undefined && pending !== device.delivering) {
        device.queue.remove(pending);
        device.wake?.();
        conclude(pending, end);
      } else if (waiting !== undefined) stored.conclude(ledger, waiting, end);
    }
  }

  // ---- commands that wait

  function takeDeferred(ledger: CommandLedger, command: WaitingCommand): void {
    const { channel, deadlineMs } = command;
    const { offset } = command.record;
    const device = devices.find(ledger, channel);
    if (device?.comingBack.delete(offset)) comingBack--;
    const hasKey = command.supersedeKey !== undefined;
    // One that may replace others is verified before it does.
    const isWaiting = hasKey
      ? stored.admit(ledger, command) !== undefined
      : !stored.endIfDecided(ledger, command);
    const superseded = isWaiting && hasKey ? ledger.waiting.supersede(offset) : undefined;
    if (superseded !== undefined) stored.supersede(ledger, superseded);
    if (isWaiting && superseded !== offset) {
      if (device === undefined) ledger.waiting.ensureDue(channel);
      else sleeping.add(device, command);
    }
    if (device !== undefined) forgetIfDone(device);
    sleeping.look(deadlineMs);
  }

  function endOverdue(ledger: CommandLedger, command: WaitingCommand): boolean {
    if (stored.isAttempted(ledger, command)) return false;
    const pending = stored.take(ledger, command);
    if (pending !== undefined) onOverdue(pending);
    return true;
  }

  // ---- waiting

  function defer(device: Device, pending: PendingCommand, wait: Wait): void {
    const { offset } = pending.record;
    comingBack++;
    awaitReturn(device, pending);
    outcomes.defer(pending, wait, () => {
      if (!device.comingBack.delete(offset)) return;
      comingBack--;
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

  /** On one partition, unless the producers of the device's commands hash keys differently. */
  function reachable(deviceId: string): boolean {
    let isFound = false;
    for (const ledger of devices.ledgers()) {
      const inMemory = devices.channelsOf(ledger, deviceId);
      for (const device of inMemory) {
        device.nextAttemptAtMs = awaited.restsUntilMs(device.channel);
        device.wake?.();
      }
      isFound ||= inMemory.length > 0;
      for (const channel of ledger.waiting.channelsOf(deviceId)) {
        if (ledger.isEnding || devices.find(ledger, channel)?.isAwake) continue;
        if (sleeping.setDue(ledger, channel, awaited.restsUntilMs(channel))) isFound = true;
      }
    }
    return isFound;
  }

  // ---- partitions that go to another connector

  async function drain(ledger: CommandLedger): Promise<void> {
    ledger.end();
    for (const device of devices.of(ledger)) device.wake?.();
    await loop.idle(ledger);
  }

  async function deferAttempted(ledger: CommandLedger): Promise<void> {
    for (const device of devices.of(ledger)) {
      awaited.release(device);
      sleeping.unload(device);
      for (const pending of device.queue.all()) {
        if (pending.attempts.started === pending.knownAttempts) continue;
        device.queue.remove(pending);
        outcomes.defer(pending, { reason: 'its partition goes to another connector' }, () => {});
      }
    }
    await ledger.keepAttempts();
  }

  function drop(ledger: CommandLedger): void {
    for (const device of devices.of(ledger)) {
      awaited.release(device);
      comingBack -= device.comingBack.size;
      if (device.isAwake) sleeping.sleep(device);
      for (const pending of device.queue.all()) options.onDropped(pending);
    }
    devices.close(ledger);
    if ([...devices.ledgers()].length === 0) sleeping.stop();
  }

  function waiting(): number {
    let count = comingBack;
    for (const ledger of devices.ledgers()) count += ledger.waiting.count();
    return count;
  }

  return {
    open,
    schedule,
    takeDeferred,
    cancel,
    answered,
    has,
    reachable,
    drain,
    deferAttempted,
    drop,
    waiting,
    comingBack: () => comingBack,
  };
}
