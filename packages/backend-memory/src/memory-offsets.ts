import type {
  AssignedPartition,
  PartitionOffsets,
  StartFrom,
  SubscribeOptions,
  TopicPartition,
} from '@preservarium/backend';
import { topicStarts } from '@preservarium/backend-kit';
import type { MemoryGroup } from './memory-group.js';
import type { MemoryTopic } from './memory-topic.js';

/** Returns what the group has committed of each partition, and where each begins and ends. */
export function offsetsInMemory(topic: MemoryTopic, group: MemoryGroup): PartitionOffsets[] {
  return Array.from({ length: topic.partitions }, (_, partition) => ({
    partition,
    committedOffset: group.committed({ topic: topic.topic, partition }),
    startOffset: topic.startOffset(partition),
    endOffset: topic.endOffset(partition),
  }));
}

/** Commits and returns where a member starts on its partitions of the topic. */
export function startInMemory(
  topic: MemoryTopic,
  group: MemoryGroup,
  {
    assigned,
    from,
    wasRead,
    resumeFrom,
  }: {
    readonly assigned: readonly TopicPartition[];
    readonly from: StartFrom;
    /** The subscription has read the topic before. */
    readonly wasRead: boolean;
    readonly resumeFrom: SubscribeOptions['resumeFrom'];
  },
): readonly AssignedPartition[] {
  const starts = topicStarts({
    topic: topic.topic,
    // A topic of which the group has forgotten its offsets was created anew.
    from: wasRead ? 'beginning' : from,
    wasRead,
    resumeFrom,
    assigned,
    offsets: offsetsInMemory(topic, group),
    offsetsForTime: typeof from === 'object' ? offsetsForTime(topic, Date.now() - from.lastMs) : undefined,
  });
  for (const { nextOffset, ...partition } of starts.toCommit) group.commit(partition, nextOffset);
  return starts.assigned;
}

function offsetsForTime(topic: MemoryTopic, timestampMs: number): ReadonlyMap<number, number> {
  const offsets = new Map<number, number>();
  for (let partition = 0; partition < topic.partitions; partition++) {
    const offset = topic.offsetForTime(partition, timestampMs);
    if (offset !== undefined) offsets.set(partition, offset);
  }
  return offsets;
}
