import type { PartitionOffsets, StartFrom } from '@preservarium/backend';

/** The facts about a partition on which a member is to start. */
export interface StartFacts extends PartitionOffsets {
  /** For `lastMs`: the offset of the first record that is young enough; `undefined` where there is none. */
  readonly offsetForTime?: number | undefined;
}

/** Where a member starts on a partition. */
export interface PartitionStart {
  readonly partition: number;
  readonly nextOffset: number;
  /**
   * - `committed`: where the group goes on.
   * - `first`: the group is new on the topic, `from` decides.
   * - `added`: the partition was added to the topic after the group had started on it: its beginning.
   * - `removed`: the committed record is gone, for example by retention: the oldest one left.
   * - `beyond-end`: the topic ends before the committed offset, for example because it was created anew: the oldest one.
   */
  readonly reason: 'committed' | 'first' | 'added' | 'removed' | 'beyond-end';
  /** Records that `from` skips. */
  readonly skippedRecords: number;
  /** Records that were removed before the group had processed them, as far as offsets tell. */
  readonly lostRecords: number;
}

/**
 * Returns where a member starts on a partition: the one rule for every backend.
 *
 * @param group whether it has committed anything of the partition's topic, and where it starts if not
 */
export function decideStart(
  facts: StartFacts,
  group: { readonly isNewOnTopic: boolean; readonly from: StartFrom },
): PartitionStart {
  const { partition, committedOffset, startOffset, endOffset } = facts;
  const counts = { partition, skippedRecords: 0, lostRecords: 0 };
  if (committedOffset === undefined) {
    if (!group.isNewOnTopic) return { ...counts, nextOffset: startOffset, reason: 'added' };
    const nextOffset = firstOffset(facts, group.from);
    return { ...counts, nextOffset, reason: 'first', skippedRecords: nextOffset - startOffset };
  }
  if (committedOffset < startOffset) {
    const lostRecords = startOffset - committedOffset;
    return { ...counts, nextOffset: startOffset, reason: 'removed', lostRecords };
  }
  if (committedOffset > endOffset) return { ...counts, nextOffset: startOffset, reason: 'beyond-end' };
  return { ...counts, nextOffset: committedOffset, reason: 'committed' };
}

function firstOffset({ startOffset, endOffset, offsetForTime }: StartFacts, from: StartFrom): number {
  if (from === 'beginning') return startOffset;
  if (from === 'end') return endOffset;
  return Math.max(startOffset, offsetForTime ?? endOffset);
}
