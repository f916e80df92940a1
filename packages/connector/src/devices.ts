import type { Logger } from '@preservarium/publisher';
import type { Deliverer, DeliveryResult } from './deliverer.js';
import { createDeviceQueue, type DeviceQueue } from './device-queue.js';
import { createGate } from './gate.js';
import type { HeldCommand, Holder } from './held-command.js';
import type { Lifecycle } from './lifecycle.js';
import type { PartitionShare } from './partition-share.js';
import { createRecentMap } from './recent-map.js';
import type { RetryPolicy } from './retry-policy.js';
import { createSupersession } from './supersession.js';
import { sourceId } from './waiting-log.js';

export interface DevicesSettings {
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
  /** Begins nothing new in this share, and resolves when nothing of it is under way any more. */
  drain(share: PartitionShare): Promise<void>;
  /** Moves to the waiting topic what later records have overtaken: only then can those be committed and not come again. */
  setAsideOvertaken(share: PartitionShare): void;
  /** Forgets everything of this share. */
  drop(share: PartitionShare): void;
  /** Commands that wait for their devices. */
  waiting(): number;
}

interface Device {
  readonly id: string;
  readonly share: Holder;
  readonly queue: DeviceQueue;
  /** Sources of commands that are on their way through the waiting topic and back. */
  readonly onTheWayBack: Set<string>;
  delivering: HeldCommand | undefined;
  isServed: boolean;
  nextAttemptAtMs: number;
  /** Ends the pause before the next attempt. */
  wake?: (() => void) | undefined;
}

const maxTimerMs = 2 ** 31 - 1;

export function createDevices(settings: DevicesSettings): Devices {
  const { deliverer, lifecycle, retry, maxWaiting, maxRememberedIds, clock, logger } = settings;
  const devices = new Map<string, Device>();
  const underWay = new Map<Holder, Set<Promise<void>>>();
  const slots = createGate(settings.maxConcurrentDeliveries);
  const delivered = createRecentMap<true>(maxRememberedIds);
  const cancelled = createRecentMap<true>(maxRememberedIds);
  const supersession = createSupersession(maxRememberedIds);
  let waiting = 0;

  // ---- what comes in

  function admit(held: HeldCommand): void {
    const device = deviceOf(held);
    const isBack = device.onTheWayBack.delete(sourceId(held.source));
    const isKnown =
      delivered.get(commandId(held.command)) === true || device.queue.has(held.command.requestId);
    if (held.waitingSinceMs !== undefined) waiting += Number(!isKnown) - Number(isBack);
    if (isKnown) settings.onRepeat(held);
    else place(device, held);
  }

  function place(device: Device, held: HeldCommand): void {
    const isWaiting = held.waitingSinceMs !== undefined;
    if (cancelled.get(commandId(held.command)) === true) {
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
      if (!device.isServed) void serve(device);
    }
  }

  function deviceOf({ command, share }: HeldCommand): Device {
    let device = devices.get(command.deviceId);
    if (device === undefined || device.share !== share) {
      device = {
        id: command.deviceId,
        share,
        queue: createDeviceQueue(),
        onTheWayBack: new Set(),
        delivering: undefined,
        isServed: false,
        nextAttemptAtMs: 0,
      };
      devices.set(command.deviceId, device);
    }
    return device;
  }

  function supersedeOlder(device: Device, { command, source }: HeldCommand): void {
    if (command.supersedeKey === undefined) return;
    for (const older of device.queue.all()) {
      if (older === device.delivering || older.command.supersedeKey !== command.supersedeKey) continue;
      if (older.source.offset > source.offset) continue;
      device.queue.remove(older);
      end(older, { state: 'superseded', reason: `by ${command.requestId}` });
    }
  }

  function cancel(target: { readonly deviceId: string; readonly requestId: string }): void {
    cancelled.set(commandId(target), true);
    const device = devices.get(target.deviceId);
    const held = device?.queue.get(target.requestId);
    if (device === undefined || held === undefined || held === device.delivering) return;
    device.queue.remove(held);
    end(held, { state: 'cancelled' });
  }

  // ---- what goes out

  async function serve(device: Device): Promise<void> {
    const { share, queue } = device;
    device.isServed = true;
    while (!share.isEnding) {
      const first = queue.first();
      if (first === undefined) break;
      if (isExpired(first)) {
        endExpired(device);
        continue;
      }
      const pauseMs = device.nextAttemptAtMs - performance.now();
      if (pauseMs > 0) {
        await sleep(device, Math.min(pauseMs, untilNextExpiryMs(queue)));
        endExpired(device);
        continue;
      }
      const entering = slots.enter();
      if (entering !== undefined) {
        await entering;
        // Meanwhile it may have expired, or another one gone before it.
        if (queue.first() !== first || isExpired(first) || share.isEnding) {
          slots.leave();
          continue;
        }
      }
      const attempting = attempt(device, first);
      const ofShare = underWayOf(share).add(attempting);
      await attempting;
      ofShare.delete(attempting);
      slots.leave();
    }
    device.isServed = false;
    forgetIfIdle(device);
  }

  async function attempt(device: Device, held: HeldCommand): Promise<void> {
    held.attempts++;
    device.delivering = held;
    lifecycle.dispatched(held);
    const result = await deliver(held);
    device.delivering = undefined;
    if (result.kind === 'delivered') {
      delivered.set(commandId(held.command), true);
      device.queue.remove(held);
      end(held, { state: 'delivered', evidence: result.evidence, result: result.result });
    } else if (result.kind === 'rejected') {
      device.queue.remove(held);
      end(held, { state: 'rejected', reason: result.reason, deadLetter: 'rejected' });
    } else if (!held.share.givenUp.signal.aborted) {
      tryLater(device, held, result);
    }
  }

  async function deliver(held: HeldCommand): Promise<DeliveryResult> {
    const { command, attempts, mayBeRepeat, share } = held;
    try {
      return await deliverer.deliver(command, {
        attempt: attempts,
        mayBeRepeat: mayBeRepeat || attempts > 1,
        signal: share.givenUp.signal,
      });
    } catch (error) {
      logger.error({ err: error, requestId: command.requestId }, 'the deliverer threw');
      return { kind: 'retryable', reason: `the deliverer failed: ${String(error)}`, unreachable: false };
    }
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

  function endFull(held: HeldCommand): void {
    const reason = `${maxWaiting} commands wait already, which is as many as may`;
    end(held, { state: 'dead', reason, deadLetter: 'exhausted' });
  }

  function hasWaiting(device: Device): boolean {
    return device.onTheWayBack.size > 0 || device.queue.first()?.waitingSinceMs !== undefined;
  }

  function reachable(deviceId: string): boolean {
    const device = devices.get(deviceId);
    if (device === undefined) return false;
    device.nextAttemptAtMs = 0;
    device.wake?.();
    return device.queue.size() > 0 || device.onTheWayBack.size > 0;
  }

  function sleep(device: Device, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        device.wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, Math.min(ms, maxTimerMs));
      device.wake = wake;
    });
  }

  // ---- ends

  function endExpired(device: Device): void {
    for (const held of device.queue.all()) {
      if (!isExpired(held)) continue;
      device.queue.remove(held);
      end(held, { state: 'expired' });
    }
  }

  function isExpired({ command }: HeldCommand): boolean {
    return command.expiresAt !== undefined && command.expiresAt.getTime() <= clock();
  }

  function untilNextExpiryMs(queue: DeviceQueue): number {
    const expiries = queue
      .all()
      .map(({ command }) => command.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    return Math.max(1, Math.min(...expiries) - clock());
  }

  function end(held: HeldCommand, ending: Parameters<Lifecycle['end']>[1]): void {
    if (held.waitingSinceMs !== undefined && !held.share.isGone) waiting--;
    lifecycle.end(held, ending);
  }

  // ---- shares

  function underWayOf(share: Holder): Set<Promise<void>> {
    let ofShare = underWay.get(share);
    if (ofShare === undefined) {
      ofShare = new Set();
      underWay.set(share, ofShare);
    }
    return ofShare;
  }

  async function drain(share: PartitionShare): Promise<void> {
    share.end();
    for (const device of devices.values()) if (device.share === share) device.wake?.();
    await Promise.all(underWayOf(share));
  }

  function setAsideOvertaken(share: PartitionShare): void {
    for (const device of devices.values()) {
      if (device.share !== share) continue;
      for (const held of device.queue.all()) {
        if (held.waitingSinceMs !== undefined || !share.isOvertaken(held.record)) continue;
        device.queue.remove(held);
        setAside(device, held, 'its partition goes to another connector');
      }
    }
  }

  function drop(share: PartitionShare): void {
    underWay.delete(share);
    for (const device of devices.values()) {
      if (device.share !== share) continue;
      waiting -= device.onTheWayBack.size;
      for (const held of device.queue.all()) {
        if (held.waitingSinceMs !== undefined) waiting--;
        settings.onDropped(held);
      }
      devices.delete(device.id);
    }
  }

  function forgetIfIdle(device: Device): void {
    if (device.queue.size() > 0 || device.onTheWayBack.size > 0) return;
    if (devices.get(device.id) === device) devices.delete(device.id);
  }

  return { admit, cancel, reachable, drain, setAsideOvertaken, drop, waiting: () => waiting };
}

function commandId({
  deviceId,
  requestId,
}: {
  readonly deviceId: string;
  readonly requestId: string;
}): string {
  return `${deviceId}\n${requestId}`;
}
