import type { PartitionOffsets } from '@preservarium/backend';
import type { PartitionLag } from '../connector.js';

/**
 * How far the group is behind on these partitions. Where it has committed nothing, what was there before counts only if it starts
 * at the beginning; it starts at the end otherwise, which commits nothing until something comes.
 */
export function lagOf(
  partitions: readonly number[],
  offsets: readonly PartitionOffsets[],
  from: 'beginning' | 'end',
): PartitionLag[] {
  return offsets
    .filter(({ partition }) => partitions.includes(partition))
    .map(({ partition, committedOffset, startOffset, endOffset }) => {
      const doneWith = committedOffset ?? (from === 'beginning' ? startOffset : endOffset);
      return { partition, records: Math.max(0, endOffset - Math.max(doneWith, startOffset)) };
    });
}
