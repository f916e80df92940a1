import type { CommandMessage } from '@preservarium/core';

type Target = Pick<CommandMessage, 'deviceId' | 'requestId'>;

/**
 * The cancellations of one partition. Each is kept until every command that was in the command topic when it was read has ended: until then
 * its command may still come.
 */
export interface Cancellations {
  /** @param offset of the cancellation in the changelog */
  add(target: Target, offset: number): void;
  isEmpty(): boolean;
  has(target: Target): boolean;
  /** Returns a function that sets the end of the command topic for those of now that have none: to be called before Kafka is asked for it. */
  awaitEnd(): (endOffset: number) => void;
  /** Forgets those whose commands have all ended; returns their offsets in the changelog. */
  takeSettled(commandOffset: number): number[];
}

export function createCancellations(): Cancellations {
  const entries = new Map<string, { readonly offsets: number[]; endOffset: number | undefined }>();

  return {
    add(target, offset) {
      const key = keyOf(target);
      const offsets = [...(entries.get(key)?.offsets ?? []), offset];
      entries.set(key, { offsets, endOffset: undefined });
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
      for (const [key, { offsets, endOffset }] of entries) {
        if (endOffset === undefined || endOffset > commandOffset) continue;
        entries.delete(key);
        settled.push(...offsets);
      }
      return settled;
    },
  };
}

function keyOf({ deviceId, requestId }: Target): string {
  return `${deviceId}\n${requestId}`;
}
