import type { Logger } from '@preservarium/backend';
import { createSemaphore, startTimer } from '@preservarium/concurrency';
import { keepPayloadSource } from '@preservarium/core';
import type { Deliverer, DeliveryContext, DeliveryResult } from '@preservarium/deliverer';
import { type CommandLedger, type PendingCommand, wasSent } from '../pending-command.js';
import type { AwaitedAnswer } from './awaited-answers.js';
import type { Device } from './device.js';

export interface DeliveryLoopOptions {
  readonly deliverer: Pick<Deliverer, 'deliver'>;
  /** Devices that are delivered to at the same time; the others wait for their turn. */
  readonly maxConcurrentDeliveries: number;
  /** The records are envelopes of `@preservarium/core`, in which the payload is a member. */
  readonly isEnvelope: boolean;
  readonly clock: () => number;
  readonly logger: Logger;
  /** When the command ends whatever becomes of its attempts, in milliseconds since 1970; Infinity for never. */
  deadlineMs(pending: PendingCommand): number;
  /** Something of the command is sent now. */
  onDispatched(pending: PendingCommand): void;
  /** Returns the answer that is awaited before anything else is sent to the device. */
  awaited(device: Device): AwaitedAnswer | undefined;
  /** The answer has not come. Must take the command out of the queue, or set when the next attempt is due. */
  onUnanswered(device: Device, awaited: AwaitedAnswer): void;
  /** Must take the command out of the queue, set when the next attempt is due, or await the answer of the device. */
  onResult(device: Device, pending: PendingCommand, result: DeliveryResult): void;
  /** Called when the command has been taken out of the queue at its deadline. */
  onOverdue(pending: PendingCommand): void;
  /** Nothing may be sent to the device. */
  isAway(deviceId: string): boolean;
  /** Takes all commands out of the queue: they wait until the device is there. */
  onAway(device: Device): void;
  /** Brings the next stored commands of the device into its queue. */
  load(device: Device): void;
  /** Takes the commands that wait out of the queue: the device has a backoff before it. */
  rest(device: Device): void;
  onFailed(error: unknown): void;
  /** Nothing is left to do for the device now. */
  onIdle(device: Device): void;
}

/** Delivers what is in the queues of devices, for each device one command after another. */
export interface DeliveryLoop {
  serve(device: Device): void;
  /** Resolves when no attempt of this partition is in flight. */
  idle(ledger: CommandLedger): Promise<void>;
}

/** The attempts of a partition; counted, because a promise for each would cost as much again as the rest of the loop. */
interface InFlight {
  count: number;
  readonly ended: PromiseWithResolvers<void>;
}

/** How long to wait for the lease of a partition before its deadlines are looked at again. */
const leaselessMs = 100;

export function createDeliveryLoop(options: DeliveryLoopOptions): DeliveryLoop {
  const { deliverer, clock, logger } = options;
  const slots = createSemaphore(options.maxConcurrentDeliveries);
  const inFlight = new Map<CommandLedger, InFlight>();

  async function run(device: Device): Promise<void> {
    device.isServed = true;
    for (;;) {
      if (device.deferring !== undefined) {
        await device.deferring;
        continue;
      }
      const next = nextOf(device);
      if (next === undefined) {
        if (!canLoad(device)) break;
        options.load(device);
        // Another window follows, and the device may take, or the store end, each of them in no time.
        await new Promise<void>((resolve) => setImmediate(resolve));
        continue;
      }
      const awaited = options.awaited(device);
      if (awaited !== undefined) {
        const leftMs = awaited.heldUntilMs - performance.now();
        if (leftMs <= 0) options.onUnanswered(device, awaited);
        else await holdBack(device, leftMs);
        continue;
      }
      if (options.isAway(device.deviceId)) {
        options.onAway(device);
        break;
      }
      const backoffMs = device.nextAttemptAtMs === 0 ? 0 : device.nextAttemptAtMs - performance.now();
      if (backoffMs > 0) {
        if (next.waitingSinceMs !== undefined) {
          options.rest(device);
          break;
        }
        await holdBack(device, backoffMs);
        continue;
      }
      const notYet =
        device.ledger.appender.untilWritable() ??
        (device.ledger.isLeased() ? undefined : device.ledger.untilLeased());
      if (notYet !== undefined) {
        await notYet;
        continue;
      }
      const entering = slots.acquire();
      if (entering !== undefined) await entering;
      // Meanwhile it may have reached its deadline, another one gone before it, or the process been frozen.
      if (entering === undefined || isStillNext(device, next)) {
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
    options.onIdle(device);
  }

  /** The first that has not reached its deadline, where an attempt may start. */
  function nextOf({ ledger, queue }: Device): PendingCommand | undefined {
    if (ledger.isEnding) return undefined;
    for (let first = queue.first(); first !== undefined; first = queue.first()) {
      if (!isOverdue(first)) return first;
      queue.remove(first);
      options.onOverdue(first);
    }
    return undefined;
  }

  function isStillNext(device: Device, next: PendingCommand): boolean {
    return nextOf(device) === next && device.ledger.isLeased() && !options.isAway(device.deviceId);
  }

  function canLoad({ ledger, isAwake, hasStored }: Device): boolean {
    return isAwake && hasStored && !ledger.isEnding;
  }

  function begin(device: Device, pending: PendingCommand): void {
    const { attempts, command, record } = pending;
    // Not when it is decoded: most commands of a device that sleeps are never attempted then, and the collector looks at all that are noted.
    if (options.isEnvelope && attempts.started === pending.knownAttempts && record.value !== null) {
      keepPayloadSource(command.payload, record.value);
    }
    attempts.started++;
    device.delivering = pending;
    let ofLedger = inFlight.get(pending.ledger);
    if (ofLedger === undefined) {
      ofLedger = { count: 0, ended: Promise.withResolvers() };
      inFlight.set(pending.ledger, ofLedger);
    }
    ofLedger.count++;
  }

  function contextOf(pending: PendingCommand): DeliveryContext {
    const { record, attempts, ledger } = pending;
    let isSent = false;
    return {
      attempt: attempts.started,
      mayBeRepeat: wasSent(pending),
      sequence: `${record.partition}:${record.offset}`,
      headers: record.headers,
      signal: ledger.abandoned,
      maySend() {
        if (!ledger.isLeased()) return false;
        if (!isSent) dispatch(pending);
        isSent = true;
        return true;
      },
    };
  }

  function dispatch(pending: PendingCommand): void {
    pending.attempts.sent = true;
    options.onDispatched(pending);
  }

  function failed({ command: { requestId } }: PendingCommand, error: unknown): DeliveryResult {
    logger.error({ err: error, requestId }, 'the deliverer threw');
    return { kind: 'retryable', reason: `the deliverer failed: ${String(error)}`, unreachable: false };
  }

  function end(device: Device, pending: PendingCommand, result: DeliveryResult): void {
    device.delivering = undefined;
    // A deliverer that did not ask.
    if (result.kind === 'delivered' && !wasSent(pending)) dispatch(pending);
    if (result.kind === 'retryable' && !result.unreachable) {
      pending.attempts.answered++;
    }
    options.onResult(device, pending, result);
    const ofLedger = inFlight.get(pending.ledger) as InFlight;
    ofLedger.count--;
    if (ofLedger.count > 0) return;
    inFlight.delete(pending.ledger);
    ofLedger.ended.resolve();
  }

  async function holdBack(device: Device, ms: number): Promise<void> {
    await sleep(device, Math.min(ms, untilNextDeadlineMs(device)));
    endOverdue(device);
  }

  function sleep(device: Device, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        timer.clear();
        device.wake = undefined;
        resolve();
      };
      const timer = startTimer(wake, ms);
      device.wake = wake;
    });
  }

  function endOverdue({ queue }: Device): void {
    for (const pending of queue.all()) {
      if (!isOverdue(pending)) continue;
      queue.remove(pending);
      options.onOverdue(pending);
    }
  }

  function isOverdue(pending: PendingCommand): boolean {
    const { expiresAt } = pending.command;
    if (expiresAt === undefined && pending.waitingSinceMs === undefined) return false;
    // Without the lease, another connector may have delivered it.
    return options.deadlineMs(pending) <= clock() && pending.ledger.isLeased();
  }

  function untilNextDeadlineMs({ ledger, queue }: Device): number {
    let next = Number.POSITIVE_INFINITY;
    for (const pending of queue.all()) next = Math.min(next, options.deadlineMs(pending));
    return Math.max(ledger.isLeased() ? 1 : leaselessMs, next - clock());
  }

  return {
    serve(device) {
      if (!device.isServed) run(device).catch(options.onFailed);
    },
    async idle(ledger) {
      await inFlight.get(ledger)?.ended.promise;
    },
  };
}
