import type { ConsumedRecord, Logger } from '@preservarium/backend';
import { createOffsetWindow } from './offset-window.js';
import { noProgress, type Progress } from './progress.js';
import { contradicts, evidenceOf, type TopicEvidence } from './topic-evidence.js';
import { generationOf, offsetOf, placeOf } from './topic-generation.js';
import type { WaitingCommands } from './waiting-store.js';

/** Knows which commands of one partition of the command topic have ended, and which of the others may have reached their devices. */
export interface EndedCommands {
  /** Takes the progress of an earlier owner. */
  restore(progress: Progress): void;
  /** The topic is not that of the progress. */
  startAnew(): void;
  /** Returns the place of a command of this topic: see `topic-generation.ts`. */
  placeOf(offset: number): number;
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
    waiting: Pick<WaitingCommands, 'sourcesFrom' | 'writtenAtMs'>,
  ): void;
  /**
   * Takes the next record: `ended` if it is processed thereby. One is `held` if it has ended in the topic of the progress, while it is not known if this is that
   * topic.
   */
  take(record: ConsumedRecord): 'open' | 'ended' | 'held';
  /** Returns the offset to commit where this ended the lowest open command. @param place one of another generation of the topic ends nothing here */
  end(place: number): number | undefined;
  mayBeRepeat(offset: number): boolean;
  /** @param changelogOffset where the deferred command is in the changelog */
  mayBeDeferredRepeat(changelogOffset: number): boolean;
  progress(): Progress;
}

export interface EndedCommandsOptions {
  readonly logger: Logger;
  /** A record that was held has ended. */
  onEnded(place: number): void;
  /** Some were held, and are of a new topic: they have not ended, and must be read again. */
  onUnread(): void;
}

export function createEndedCommands({ logger, onEnded, onUnread }: EndedCommandsOptions): EndedCommands {
  const taken = createOffsetWindow();
  let before = noProgress;
  /** The open ones of `before`, once it is asked for them: while a changelog is read, each progress replaces the one before. */
  let openBefore: Set<number> | undefined;
  /** When the records of deferred commands were written, by their offsets. */
  const deferredBefore = new Map<number, number>();
  let newestMs = 0;
  let newest: ConsumedRecord | undefined;
  /** The record that tells if this is the topic of the progress. */
  let awaited: TopicEvidence | undefined;
  let held: number[] = [];
  let repeatsBelow = 0;
  let deferredRepeatsBelow = 0;

  function restore(progress: Progress): void {
    before = progress;
    awaited = progress.last;
    openBefore = undefined;
    newestMs = Math.max(newestMs, progress.writtenAtMs);
  }

  /** The topic was deleted and created again: offsets of the old one say nothing of it. */
  function startAnew(): void {
    // Without progress there was no owner, and nothing is known by places of the topic before.
    const generation = before === noProgress ? 0 : before.generation + 1;
    restore({ ...noProgress, generation });
    deferredBefore.clear();
    newestMs = 0;
  }

  /** Commands that were taken as those of the old one are read again. @param offset of the record at hand */
  function startAgain(fields: object, offset?: number): void {
    logger.error(fields, 'the command topic was created anew: the progress of the earlier one is dropped');
    startAnew();
    if (held.length > 0 || taken.first() !== offset) onUnread();
    held = [];
  }

  function settle(): void {
    awaited = undefined;
    const ended = held;
    held = [];
    for (const offset of ended) onEnded(placed(offset));
  }

  function isOpen(offset: number): boolean {
    if (offset >= before.nextOffset) return true;
    openBefore ??= new Set(before.open);
    return openBefore.has(offset);
  }

  const placed = (offset: number) => placeOf(before.generation, offset);

  return {
    restore,
    startAnew,
    placeOf: placed,
    own(endOffset, claimOffset, mayRepeat, waiting) {
      if (endOffset < before.nextOffset) startAgain({ endOffset, nextOffset: before.nextOffset });
      else {
        for (const { offset, timestampMs } of waiting.sourcesFrom(placed(before.nextOffset))) {
          deferredBefore.set(offsetOf(offset), timestampMs);
        }
        for (const offset of before.open) {
          const timestampMs = waiting.writtenAtMs(placed(offset));
          if (timestampMs !== undefined) deferredBefore.set(offset, timestampMs);
        }
      }
      repeatsBelow = mayRepeat ? endOffset : before.repeatsBelow;
      deferredRepeatsBelow = mayRepeat ? claimOffset : before.deferredRepeatsBelow;
    },
    take(record) {
      const { topic, partition, offset, timestampMs } = record;
      taken.take(offset);
      // In one topic, no record below `nextOffset` is newer than the newest one that was taken there.
      const isTooNew = offset < before.nextOffset && timestampMs > before.writtenAtMs;
      const isOther = timestampMs !== (deferredBefore.get(offset) ?? timestampMs);
      if (isTooNew || isOther || (awaited !== undefined && contradicts(awaited, record)))
        startAgain({ topic, partition, offset }, offset);
      newestMs = Math.max(newestMs, timestampMs);
      newest = record;
      // Retention may have removed the record itself.
      if (awaited !== undefined && offset >= awaited.offset) settle();
      if (!deferredBefore.has(offset) && isOpen(offset)) return 'open';
      if (awaited === undefined) return 'ended';
      held.push(offset);
      return 'held';
    },
    end: (place) => (generationOf(place) === before.generation ? taken.finish(offsetOf(place)) : undefined),
    mayBeRepeat: (offset) => offset < repeatsBelow,
    mayBeDeferredRepeat: (changelogOffset) => changelogOffset < deferredRepeatsBelow,
    progress() {
      const next = taken.nextOffset();
      const isHeld = new Set(held);
      const open = [
        ...taken.open().filter((offset) => !isHeld.has(offset)),
        ...before.open.filter((offset) => offset >= next && !deferredBefore.has(offset)),
      ];
      const nextOffset = Math.max(next, before.nextOffset);
      const last = newest !== undefined && next >= nextOffset ? evidenceOf(newest) : before.last;
      const { generation } = before;
      return {
        generation,
        nextOffset,
        open,
        writtenAtMs: newestMs,
        last,
        repeatsBelow,
        deferredRepeatsBelow,
      };
    },
  };
}
