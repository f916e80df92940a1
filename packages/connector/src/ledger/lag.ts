import type { PartitionOffsets } from '@preservarium/backend';
import type { PartitionLag } from '../connector.js';

/**
 * Returns how many records of these partitions are not processed. An offset that the topic does not have counts as none, which is how the
 * group goes on then: at the oldest record.
 */
export function lagOf(partitions: readonly number[], offsets: readonly PartitionOffsets[]): PartitionLag[] {
  return offsets
    .filter(({ partition }) => partitions.includes(partition))
    .map(({ partition, committedOffset = 0, startOffset, endOffset }) => {
      const isInTopic = committedOffset >= startOffset && committedOffset <= endOffset;
      return { partition, records: endOffset - (isInTopic ? committedOffset : startOffset) };
    });
}
