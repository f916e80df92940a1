import type { Logger } from '@preservarium/backend';
import { sourceId } from '@preservarium/dead-letters';
import type { Deliverer, DeliveryResult } from '@preservarium/deliverer';
import QuickLRU from 'quick-lru';
import { createDeliveryLoop } from './delivery-loop.js';
import { createDevice, type Device, hasWaiting } from './device.js';
import type { HeldCommand, Holder } from './held-command.js';
import type { Lifecycle } from './lifecycle.js';
import type { PartitionShare } from './partition-share.js';
import type { RetryPolicy } from './retry-policy.js';
import { createSupersession } from './supersession.js';

export interface DevicesOptions {
  readonly deliverer: Pick<Deliverer, 'deliver'>;
  readonly lifecycle: Lifecycle;
  readonly retry: RetryPolicy;
  readonly maxConcurrentDeliveries: number;
  readonly maxWaiting: number;
  readonly maxRememberedIds: number;
  readonly clock: () => number;
  readonly logger: Logger;
  /** The command was known already, so that there is nothing to do for this record of it. */
  onRepeat(held: HeldCommand): void;
  /** The command is forgotten because its partition is given up. */
  onDropped(held: HeldCommand): void;
}

/** Delivers the commands of each device one after another, and those of different devices side by side. */
export interface Devices {
  admit(held: HeldCommand): void;
  /** Ends the command, now or when it comes, unless it has been dispatched. */
  cancel(target: { readonly deviceId: string; readonly requestId: string }): void;
  /** Tries again at once; returns whether anything waits for the device. */
  reachable(deviceId: string): boolean;
  /** Kafka did not keep it among those that wait: it does not come back. */
  cannotWait(held: HeldCommand): void;
  /** Begins nothing new in this share, and resolves when nothing of it is under way any more. */
  drain(share: PartitionShare): Promise<void>;
  /** Moves to the waiting topic what later records have overtaken: only then can those be committed and not come again. */
  setAsideOvertaken(share: PartitionShare): void;
  /** Forgets everything of this share. */
  drop(share: PartitionShare): void;
  /** Commands that wait for their devices. */
  waiting(): number;
}

export function createDevices(settings: DevicesOptions): Devices {
  const { lifecycle, retry, maxWaiting, maxRememberedIds, clock } = settings;
  const devices = new Map<Holder, Map<string, Device>>();
  // The devices by request ids: one device's request id is nothing to another.
  const delivered = new QuickLRU<string, string>({ maxSize: maxRememberedIds });
  const cancelled = new QuickLRU<string, string>({ maxSize: maxRememberedIds });
  const supersession = createSupersession(maxRememberedIds);
  let waiting = 0;
  const loop = createDeliveryLoop({
    ...settings,
    onDispatched: lifecycle.dispatched,
    onResult,
    onExpired: (held) => end(held, { state: 'expired' }),
    onIdle: forgetIfDone,
  });

  // ---- what comes in

  function admit(held: HeldCommand): void {
    const device = deviceOf(held);
    const isBack = device.onTheWayBack.size > 0 && device.onTheWayBack.delete(sourceId(held.source));
    const { deviceId, requestId } = held.command;
    const isKnown = delivered.get(requestId) === deviceId || device.queue.get(requestId) !== undefined;
    if (held.waitingSinceMs !== undefined) waiting += Number(!isKnown) - Number(isBack);
    if (isKnown) settings.onRepeat(held);
    else place(device, held);
  }

  function place(device: Device, held: HeldCommand): void {
    const isWaiting = held.waitingSinceMs !== undefined;
    if (cancelled.get(held.command.requestId) === held.command.deviceId) {
      end(held, { state: 'cancelled' });
    } else if (supersession.isOutdated(held)) {
      end(held, { state: 'superseded', reason: 'by a newer one that came before it was sent again' });
    } else if (!isWaiting && hasWaiting(device)) {
      setAside(device, held, 'earlier commands of the device wait');
    } else if (isWaiting && waiting > maxWaiting) {
      endFull(held);
    } else {
      supersedeOlder(device, held);
      device.queue.add(held);
      loop.serve(device);
    }
    forgetIfDone(device);
  }

  function deviceOf({ command: { deviceId }, share }: HeldCommand): Device {
    let ofShare = devices.get(share);
    if (ofShare === undefined) {
      ofShare = new Map();
      devices.set(share, ofShare);
    }
    let device = ofShare.get(deviceId);
    if (device === undefined) {
      device = createDevice(deviceId, share);
      ofShare.set(deviceId, device);
    }
    return device;
  }

  function forgetIfDone({ id, share, queue, onTheWayBack, isServed }: Device): void {
    if (!isServed && queue.size() === 0 && onTheWayBack.size === 0) devices.get(share)?.delete(id);
  }

  function supersedeOlder(device: Device, newer: HeldCommand): void {
    const { command, source } = newer;
    if (command.supersedeKey === undefined) return;
    for (const older of device.queue.all()) {
      if (older === device.delivering || older.command.supersedeKey !== command.supersedeKey) continue;
      if (older.source.offset > source.offset) continue;
      supersede(device, older, newer);
    }
  }

  function supersede(device: Device, older: HeldCommand, { command }: HeldCommand): void {
    device.queue.remove(older);
    end(older, { state: 'superseded', reason: `by ${command.requestId}` });
  }

  function cancel(target: { readonly deviceId: string; readonly requestId: string }): void {
    cancelled.set(target.requestId, target.deviceId);
    for (const device of devicesNamed(target.deviceId)) {
      const held = device.queue.get(target.requestId);
      if (held === undefined || held === device.delivering) continue;
      device.queue.remove(held);
      end(held, { state: 'cancelled' });
    }
  }

  // ---- what became of an attempt

  function onResult(device: Device, held: HeldCommand, result: DeliveryResult): void {
    if (result.kind === 'delivered') {
      delivered.set(held.command.requestId, held.command.deviceId);
      device.queue.remove(held);
      const { evidence, reason, result: answered } = result;
      end(held, { state: 'delivered', evidence, result: answered, ...(reason !== undefined && { reason }) });
    } else if (result.kind === 'rejected') {
      device.queue.remove(held);
      end(held, { state: 'rejected', reason: result.reason, deadLetter: 'rejected' });
    } else if (!held.share.givenUp.signal.aborted) {
      const newer = newerOf(device, held);
      if (newer === undefined) tryLater(device, held, result);
      else supersede(device, held, newer);
    }
  }

  /** One that came to replace it while it was under way. */
  function newerOf({ queue }: Device, { command, source }: HeldCommand): HeldCommand | undefined {
    if (command.supersedeKey === undefined) return undefined;
    return queue
      .all()
      .find(
        (other) => other.command.supersedeKey === command.supersedeKey && other.source.offset > source.offset,
      );
  }

  function tryLater(
    device: Device,
    held: HeldCommand,
    result: Extract<DeliveryResult, { kind: 'retryable' }>,
  ): void {
    const waitedMs = held.waitingSinceMs === undefined ? undefined : clock() - held.waitingSinceMs;
    const decision = retry({ attempts: held.attempts, waitedMs }, result);
    if (decision.kind === 'give up') {
      device.queue.remove(held);
      end(held, { state: 'dead', reason: decision.reason, deadLetter: 'exhausted' });
      return;
    }
    device.nextAttemptAtMs = performance.now() + decision.afterMs;
    if (decision.kind === 'again' && held.waitingSinceMs === undefined) return;
    for (const next of device.queue.all()) {
      if (next.waitingSinceMs !== undefined) continue;
      device.queue.remove(next);
      setAside(device, next, result.reason);
    }
  }

  // ---- waiting

  function setAside(device: Device, held: HeldCommand, reason: string): void {
    if (waiting >= maxWaiting) {
      endFull(held);
    } else {
      waiting++;
      device.onTheWayBack.add(sourceId(held.source));
      lifecycle.setAside(held, reason);
    }
  }

  function cannotWait(held: HeldCommand): void {
    const device = devices.get(held.share)?.get(held.command.deviceId);
    if (device === undefined || !device.onTheWayBack.delete(sourceId(held.source))) return;
    waiting--;
    forgetIfDone(device);
  }

  function endFull(held: HeldCommand): void {
    const reason = `${maxWaiting} commands wait already, which is as many as may`;
    end(held, { state: 'dead', reason, deadLetter: 'exhausted' });
  }

  function reachable(deviceId: string): boolean {
    const held = devicesNamed(deviceId);
    for (const device of held) {
      device.nextAttemptAtMs = 0;
      device.wake?.();
    }
    return held.length > 0;
  }

  /** One, unless its commands are on several partitions, because their producers hash keys differently. */
  function devicesNamed(deviceId: string): Device[] {
    return [...devices.values()].flatMap((ofShare) => ofShare.get(deviceId) ?? []);
  }

  function end(held: HeldCommand, ending: Parameters<Lifecycle['end']>[1]): void {
    if (held.waitingSinceMs !== undefined && !held.share.isGone) waiting--;
    lifecycle.end(held, ending);
  }

  // ---- shares

  async function drain(share: PartitionShare): Promise<void> {
    share.end();
    for (const device of devicesOf(share)) device.wake?.();
    await loop.idle(share);
  }

  function setAsideOvertaken(share: PartitionShare): void {
    for (const { queue } of devicesOf(share)) {
      for (const held of queue.all()) {
        if (held.waitingSinceMs !== undefined || !share.isOvertaken(held.record)) continue;
        queue.remove(held);
        lifecycle.setAside(held, 'its partition goes to another connector');
      }
    }
  }

  function drop(share: PartitionShare): void {
    for (const { queue, onTheWayBack } of devicesOf(share)) {
      waiting -= onTheWayBack.size;
      for (const held of queue.all()) {
        if (held.waitingSinceMs !== undefined) waiting--;
        settings.onDropped(held);
      }
    }
    devices.delete(share);
  }

  function devicesOf(share: Holder): Iterable<Device> {
    return devices.get(share)?.values() ?? [];
  }

  return { admit, cancel, reachable, cannotWait, drain, setAsideOvertaken, drop, waiting: () => waiting };
}
