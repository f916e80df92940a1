import type { CommandTarget } from '../pending-command.js';

export interface Cancellation extends CommandTarget {
  /** Its place in the changelog. */
  readonly offset: number;
}

/**
 * The cancellations of one partition. Each is kept until every command that was in the command topic when it was read has been processed, and its own
 * one no longer waits: until then it may still come, or be attempted.
 */
export interface Cancellations {
  /** @param offset of the cancellation in the changelog */
  add(target: CommandTarget, offset: number): void;
  isEmpty(): boolean;
  all(): readonly Cancellation[];
  has(target: CommandTarget): boolean;
  /** Returns a function that sets the end of the command topic for those of now that have none: to be called before Kafka is asked for it. */
  awaitEnd(): (endOffset: number) => void;
  /** Forgets those that can meet no command any more; returns their offsets in the changelog. */
  takeSettled(commandOffset: number): number[];
}

/** @param isPending returns true while the connector has the command */
export function createCancellations(isPending: (target: CommandTarget) => boolean): Cancellations {
  const entries = new Map<string, Entry>();

  return {
    add(target, offset) {
      const key = keyOf(target);
      const offsets = [...(entries.get(key)?.offsets ?? []), offset];
      entries.set(key, { target, offsets, endOffset: undefined });
    },
    all: () =>
      [...entries.values()]
        .flatMap(({ target: { deviceId, requestId }, offsets }) =>
          offsets.map((offset) => ({ deviceId, requestId, offset })),
        )
        .sort((one, other) => one.offset - other.offset),
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

interface Entry {
  readonly target: CommandTarget;
  readonly offsets: number[];
  endOffset: number | undefined;
}

function keyOf({ deviceId, requestId }: CommandTarget): string {
  return `${deviceId}\n${requestId}`;
}
