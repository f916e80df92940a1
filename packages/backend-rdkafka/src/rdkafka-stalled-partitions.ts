import type { TopicPartition } from '@preservarium/backend';
import { partitionId } from '@preservarium/backend-kit';
import type { ConsumerStatistics } from './rdkafka-statistics.js';

/** A partition and the offset that comes next. */
export interface StalledPartition extends TopicPartition {
  readonly offset: number;
}

/**
 * Returns a function that finds in the statistics of a consumer the partitions which have records, and of which nothing came since the statistics
 * before.
 */
export function createStalledPartitions(): (statistics: ConsumerStatistics) => readonly StalledPartition[] {
  let before: ReadonlyMap<string, number> = new Map();

  return ({ topics }) => {
    const waiting = Object.entries(topics).flatMap(([topic, { partitions }]) =>
      Object.entries(partitions)
        // Those that are not fetched have a negative offset, as has the number -1 of what has no partition.
        .filter(([, { next_offset, ls_offset, fetchq_cnt }]) => {
          return next_offset >= 0 && ls_offset > next_offset && fetchq_cnt === 0;
        })
        .map(([partition, { next_offset }]) => ({
          topic,
          partition: Number(partition),
          offset: next_offset,
        })),
    );
    const stalled = waiting.filter((each) => before.get(partitionId(each)) === each.offset);
    before = new Map(waiting.map((each) => [partitionId(each), each.offset]));
    return stalled;
  };
}
