import type { Logger } from '@preservarium/backend';
import { createSemaphore } from '@preservarium/concurrency';
import type { Deliverer, DeliveryContext, DeliveryResult } from '@preservarium/deliverer';
import type { Device } from './device.js';
import type { DeviceQueue } from './device-queue.js';
import type { HeldCommand, Holder } from './held-command.js';

export interface DeliveryLoopOptions {
  readonly deliverer: Pick<Deliverer, 'deliver'>;
  /** Devices that are delivered to at the same time; the others wait for their turn. */
  readonly maxConcurrentDeliveries: number;
  readonly clock: () => number;
  readonly logger: Logger;
  onDispatched(held: HeldCommand): void;
  /** Must take the command out of the queue, or set when the next attempt is due. */
  onResult(device: Device, held: HeldCommand, result: DeliveryResult): void;
  /** Called when it has been taken out of the queue. */
  onExpired(held: HeldCommand): void;
  /** Nothing is left to do for the device now. */
  onIdle(device: Device): void;
}

/** Delivers what is in the queues of devices, for each device one command after another. */
export interface DeliveryLoop {
  serve(device: Device): void;
  /** Resolves when no delivery of this share is under way. */
  idle(share: Holder): Promise<void>;
}

/** The deliveries of a share; counted, because a promise for each would cost as much again as the rest of the loop. */
interface UnderWay {
  count: number;
  readonly ended: PromiseWithResolvers<void>;
}

const maxTimerMs = 2 ** 31 - 1;

export function createDeliveryLoop(settings: DeliveryLoopOptions): DeliveryLoop {
  const { deliverer, clock, logger } = settings;
  const slots = createSemaphore(settings.maxConcurrentDeliveries);
  const underWay = new Map<Holder, UnderWay>();

  async function run(device: Device): Promise<void> {
    device.isServed = true;
    for (let next = nextOf(device); next !== undefined; next = nextOf(device)) {
      const pauseMs = device.nextAttemptAtMs === 0 ? 0 : device.nextAttemptAtMs - performance.now();
      if (pauseMs > 0) {
        await sleep(device, Math.min(pauseMs, untilNextExpiryMs(device.queue)));
        endExpired(device);
        continue;
      }
      const entering = slots.acquire();
      if (entering !== undefined) await entering;
      // Meanwhile it may have expired, or another one gone before it.
      if (entering === undefined || nextOf(device) === next) {
        begin(device, next);
        let result: DeliveryResult;
        try {
          result = await deliverer.deliver(next.command, contextOf(next));
        } catch (error) {
          result = failed(next, error);
        }
        end(device, next, result);
      }
      slots.release();
    }
    device.isServed = false;
    settings.onIdle(device);
  }

  /** The first that has not expired, where there is something to begin. */
  function nextOf({ share, queue }: Device): HeldCommand | undefined {
    if (share.isEnding) return undefined;
    for (let first = queue.first(); first !== undefined; first = queue.first()) {
      if (!isExpired(first)) return first;
      queue.remove(first);
      settings.onExpired(first);
    }
    return undefined;
  }

  function begin(device: Device, held: HeldCommand): void {
    held.attempts++;
    device.delivering = held;
    let ofShare = underWay.get(held.share);
    if (ofShare === undefined) {
      ofShare = { count: 0, ended: Promise.withResolvers() };
      underWay.set(held.share, ofShare);
    }
    ofShare.count++;
    settings.onDispatched(held);
  }

  function contextOf({ record, attempts, mayBeRepeat, share }: HeldCommand): DeliveryContext {
    return {
      attempt: attempts,
      mayBeRepeat: mayBeRepeat || attempts > 1,
      headers: record.headers,
      signal: share.givenUp.signal,
    };
  }

  function failed({ command: { requestId } }: HeldCommand, error: unknown): DeliveryResult {
    logger.error({ err: error, requestId }, 'the deliverer threw');
    return { kind: 'retryable', reason: `the deliverer failed: ${String(error)}`, unreachable: false };
  }

  function end(device: Device, held: HeldCommand, result: DeliveryResult): void {
    device.delivering = undefined;
    settings.onResult(device, held, result);
    const ofShare = underWay.get(held.share) as UnderWay;
    ofShare.count--;
    if (ofShare.count > 0) return;
    underWay.delete(held.share);
    ofShare.ended.resolve();
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

  function endExpired({ queue }: Device): void {
    for (const held of queue.all()) {
      if (!isExpired(held)) continue;
      queue.remove(held);
      settings.onExpired(held);
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

  return {
    serve(device) {
      if (!device.isServed) void run(device);
    },
    async idle(share) {
      await underWay.get(share)?.ended.promise;
    },
  };
}
