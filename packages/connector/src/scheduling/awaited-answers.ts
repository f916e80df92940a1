import QuickLRU from 'quick-lru';
import type { PendingCommand } from '../pending-command.js';
import type { Device } from './device.js';

/** An answer that takes longer is awaited in the changelog rather than before the partition's next commands. */
const maxHoldMs = 5_000;

/** A command that was sent and whose device has not answered, in memory. */
export interface AwaitedAnswer {
  readonly pending: PendingCommand;
  /** Until when it is awaited, in milliseconds of `performance.now`. */
  readonly untilMs: number;
  /** Until when it is awaited in memory. */
  readonly heldUntilMs: number;
}

/** The devices whose answers are awaited: in memory up to a limit, and for a short time. */
export interface AwaitedAnswers {
  /** Awaits the answer in memory; returns false where it is to be awaited in the changelog. */
  hold(device: Device, pending: PendingCommand, untilMs: number): boolean;
  /** Returns what is awaited in memory, unless it has ended. */
  heldBy(device: Device): AwaitedAnswer | undefined;
  release(device: Device): void;
  /** No attempt of this channel starts before then, whatever is heard of its device. */
  rest(channel: string, untilMs: number): void;
  /** Returns when the next attempt may start, in milliseconds of `performance.now`; 0 for at once. */
  restsUntilMs(channel: string): number;
  endRest(channel: string): void;
}

/**
 * @param maxHeld devices that wait in memory
 * @param maxRemembered devices of which is known that they rest; an attempt for any other one may start as soon as it is heard of
 */
export function createAwaitedAnswers(maxHeld: number, maxRemembered: number): AwaitedAnswers {
  const held = new Map<Device, AwaitedAnswer>();
  const resting = new QuickLRU<string, number>({ maxSize: maxRemembered });

  return {
    hold(device, pending, untilMs) {
      if (held.size >= maxHeld) return false;
      const heldUntilMs = Math.min(untilMs, performance.now() + maxHoldMs);
      held.set(device, { pending, untilMs, heldUntilMs });
      return true;
    },
    heldBy(device) {
      if (held.size === 0) return undefined;
      const awaited = held.get(device);
      if (awaited === undefined) return undefined;
      if (device.queue.get(awaited.pending.command.requestId) === awaited.pending) return awaited;
      held.delete(device);
      return undefined;
    },
    release: (device) => held.delete(device),
    rest: (channel, untilMs) => resting.set(channel, untilMs),
    restsUntilMs(channel) {
      const untilMs = resting.size === 0 ? undefined : resting.get(channel);
      return untilMs === undefined || untilMs <= performance.now() ? 0 : untilMs;
    },
    endRest: (channel) => resting.delete(channel),
  };
}
