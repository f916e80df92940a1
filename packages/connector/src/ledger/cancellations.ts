import type { CancelledCommand, CommandTarget } from '../pending-command.js';

export interface Cancellation extends CancelledCommand {
  /** Its place in the changelog. */
  readonly offset: number;
}

/**
 * The cancellations of one partition. Each is kept until every command that was in the command topic when it was read has been processed, and its own
 * one no longer waits: until then it may still come, or be attempted.
 */
export interface Cancellations {
  /** @param offset of the cancellation in the changelog */
  add(target: CancelledCommand, offset: number): void;
  isEmpty(): boolean;
  all(): readonly Cancellation[];
  has(target: CommandTarget): boolean;
  /** Returns the first cancellation of a command. */
  of(target: CommandTarget): CancelledCommand | undefined;
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
      const known = entries.get(key);
      const { deviceId, requestId, issuedBy } = known?.target ?? target;
      const offsets = [...(known?.offsets ?? []), offset];
      entries.set(key, { target: { deviceId, requestId, issuedBy }, offsets, endOffset: undefined });
    },
    all: () =>
      [...entries.values()]
        .flatMap(({ target, offsets }) => offsets.map((offset) => ({ ...target, offset })))
        .sort((one, other) => one.offset - other.offset),
    isEmpty: () => entries.size === 0,
    has: (target) => entries.size > 0 && entries.has(keyOf(target)),
    of: (target) => (entries.size > 0 ? entries.get(keyOf(target))?.target : undefined),
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
  readonly target: CancelledCommand;
  readonly offsets: number[];
  endOffset: number | undefined;
}

function keyOf({ deviceId, requestId }: CommandTarget): string {
  return `${deviceId}\n${requestId}`;
}
