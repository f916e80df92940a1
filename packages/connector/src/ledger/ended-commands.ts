import type { ConsumedRecord, Logger } from '@preservarium/backend';
import { createOffsetWindow } from './offset-window.js';
import { noProgress, type Progress } from './progress.js';
import type { WaitingCommands } from './waiting-store.js';

/** Knows which commands of one partition of the command topic have ended, and which of the others may have reached their devices. */
export interface EndedCommands {
  /** Takes the progress of an earlier owner. */
  restore(progress: Progress): void;
  /**
   * Called when the partition is owned.
   *
   * @param endOffset where the command topic ends
   * @param claimOffset where the claim is in the changelog
   * @param mayRepeat an earlier owner may have made attempts of which nothing more is known
   * @param waiting the changelog keeps these: their records in the command topic are not taken again
   */
  own(
    endOffset: number,
    claimOffset: number,
    mayRepeat: boolean,
    waiting: Pick<WaitingCommands, 'sourcesFrom'>,
  ): void;
  /** Takes the next record; returns false for one that has ended already. */
  take(record: ConsumedRecord): boolean;
  /** Returns the offset to commit where this ended the lowest open command. */
  end(offset: number): number | undefined;
  mayBeRepeat(offset: number): boolean;
  /** @param changelogOffset where the deferred command is in the changelog */
  mayBeDeferredRepeat(changelogOffset: number): boolean;
  progress(): Progress;
}

export function createEndedCommands(logger: Logger): EndedCommands {
  const taken = createOffsetWindow();
  let before = noProgress;
  let openBefore = new Set<number>();
  /** When the records of deferred commands were written, by their offsets. */
  const deferredBefore = new Map<number, number>();
  let newestMs = 0;
  let repeatsBelow = 0;
  let deferredRepeatsBelow = 0;

  function restore(progress: Progress): void {
    before = progress;
    openBefore = new Set(progress.open);
    newestMs = Math.max(newestMs, progress.writtenAtMs);
  }

  /** The topic was deleted and created again: offsets of the old one say nothing of it. */
  function startAnew(fields: object): void {
    logger.error(fields, 'the command topic was created anew: the progress of the earlier one is dropped');
    restore(noProgress);
    deferredBefore.clear();
    newestMs = 0;
  }

  function isOpen(offset: number): boolean {
    return offset >= before.nextOffset || openBefore.has(offset);
  }

  return {
    restore,
    own(endOffset, claimOffset, mayRepeat, waiting) {
      if (endOffset < before.nextOffset) startAnew({ endOffset, nextOffset: before.nextOffset });
      else {
        const lowestOpen = before.open[0] ?? before.nextOffset;
        for (const { offset, timestampMs } of waiting.sourcesFrom(lowestOpen)) {
          if (isOpen(offset)) deferredBefore.set(offset, timestampMs);
        }
      }
      repeatsBelow = mayRepeat ? endOffset : before.repeatsBelow;
      deferredRepeatsBelow = mayRepeat ? claimOffset : before.deferredRepeatsBelow;
    },
    take({ topic, partition, offset, timestampMs }) {
      taken.take(offset);
      // In one topic, no record below `nextOffset` is newer than the newest one that was taken there.
      if (offset < before.nextOffset && timestampMs > before.writtenAtMs)
        startAnew({ topic, partition, offset });
      newestMs = Math.max(newestMs, timestampMs);
      if (deferredBefore.get(offset) === timestampMs) return false;
      return isOpen(offset);
    },
    end: taken.finish,
    mayBeRepeat: (offset) => offset < repeatsBelow,
    mayBeDeferredRepeat: (changelogOffset) => changelogOffset < deferredRepeatsBelow,
    progress() {
      const next = taken.nextOffset();
      const open = [
        ...taken.open(),
        ...before.open.filter((offset) => offset >= next && !deferredBefore.has(offset)),
      ];
      const nextOffset = Math.max(next, before.nextOffset);
      return { nextOffset, open, writtenAtMs: newestMs, repeatsBelow, deferredRepeatsBelow };
    },
  };
}
