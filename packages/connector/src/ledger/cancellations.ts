import type { CommandTarget } from '../pending-command.js';

/**
 * The cancellations of one partition. Each is kept until every command that was in the command topic when it was read has been processed, and its own
 * one no longer waits: until then it may still come, or be attempted.
 */
export interface Cancellations {
  /** @param offset of the cancellation in the changelog */
  add(target: CommandTarget, offset: number): void;
  isEmpty(): boolean;
  has(target: CommandTarget): boolean;
  /** Returns a function that sets the end of the command topic for those of now that have none: to be called before Kafka is asked for it. */
  awaitEnd(): (endOffset: number) => void;
  /** Forgets those that can meet no command any more; returns their offsets in the changelog. */
  takeSettled(commandOffset: number): number[];
}

interface Cancelled {
  readonly target: CommandTarget;
  readonly offsets: readonly number[];
  endOffset: number | undefined;
}

/** @param isPending returns true while the connector has the command */
export function createCancellations(isPending: (target: CommandTarget) => boolean): Cancellations {
  const entries = new Map<string, Cancelled>();

  return {
    add(target, offset) {
      const key = keyOf(target);
      const offsets = [...(entries.get(key)?.offsets ?? []), offset];
      entries.set(key, { target, offsets, endOffset: undefined });
    },
    isEmpty: () => entries.size === 0,
    has: (target) => entries.size > 0 && entries.has(keyOf(target)),
    awaitEnd() {
      const awaiting = [...entries.values()].filter((entry) => entry.endOffset === undefined);
      return (endOffset) => {
        for (const entry of awaiting) entry.endOffset = endOffset;
      };
    },
    takeSettled(commandOffset) {
      const settled: number[] = [];
      for (const [key, { target, offsets, endOffset }] of entries) {
        if (endOffset === undefined || endOffset > commandOffset || isPending(target)) continue;
        entries.delete(key);
        settled.push(...offsets);
      }
      return settled;
    },
  };
}

function keyOf({ deviceId, requestId }: CommandTarget): string {
  return `${deviceId}\n${requestId}`;
}
