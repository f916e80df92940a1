import type {
  AssignedPartition,
  PartitionOffsets,
  ProcessedPosition,
  StartFrom,
  SubscribeOptions,
  TopicPartition,
} from '@preservarium/backend';
import { decideStart, type PartitionStart } from './decide-start.js';

export interface TopicStartsOptions {
  readonly topic: string;
  readonly from: StartFrom;
  /** Partitions of this topic, and maybe of others, that the member has. */
  readonly assigned: readonly TopicPartition[];
  /** Of all partitions of the topic. */
  readonly offsets: readonly PartitionOffsets[];
  /** For `lastMs`: the offset of the first record that is young enough, by partition. */
  readonly offsetsForTime?: ReadonlyMap<number, number> | undefined;
  /** True if the member's subscription has read the topic before. Default: false. */
  readonly wasRead?: boolean;
  readonly resumeFrom?: SubscribeOptions['resumeFrom'];
  /** True if the group had committed nothing on the topic when this member got its partitions. Default: as `offsets` say. */
  readonly wasNewOnTopic?: boolean;
}

/** Where a member starts on one topic. */
export interface TopicStarts {
  readonly assigned: readonly AssignedPartition[];
  /** To be committed before a record is handed over: of a new group, by the member with partition 0, of all partitions. */
  readonly toCommit: readonly ProcessedPosition[];
  /** Partitions whose committed offset the topic does not have. */
  readonly outOfRange: readonly (PartitionStart & PartitionOffsets)[];
}

/** Returns whether the group has committed nothing on a topic with these offsets. */
export function isNewOnTopic(offsets: readonly PartitionOffsets[]): boolean {
  return offsets.every(({ committedOffset }) => committedOffset === undefined);
}

/** Returns where a member starts on its partitions of a topic, and what is to be committed for that. */
export function topicStarts(options: TopicStartsOptions): TopicStarts {
  const { topic, from, offsets, offsetsForTime } = options;
  const own = new Set(options.assigned.filter((of) => of.topic === topic).map(({ partition }) => partition));
  const isNew = isNewOnTopic(offsets);
  const { wasNewOnTopic = isNew } = options;
  const decided = offsets
    .filter(({ partition }) => own.has(partition) || (isNew && own.has(0)))
    .map((facts) => {
      const offsetForTime = offsetsForTime?.get(facts.partition);
      return { ...facts, ...decideStart({ ...facts, offsetForTime }, { isNewOnTopic: isNew, from }) };
    });
  const mine = decided.filter(({ partition }) => own.has(partition));
  return {
    assigned: mine.map(({ partition, nextOffset, committedOffset, startOffset, endOffset, lostRecords }) => {
      const start = {
        topic,
        partition,
        nextOffset,
        isNewTopic: wasNewOnTopic && options.wasRead === true,
        isFirstStart: wasNewOnTopic || committedOffset === undefined,
        skippedRecords: wasNewOnTopic ? nextOffset - startOffset : 0,
        lostRecords,
      };
      const resumed = options.resumeFrom?.(start) ?? nextOffset;
      const isThere = resumed >= nextOffset && resumed < endOffset;
      return { ...start, readFrom: isThere ? resumed : nextOffset };
    }),
    toCommit: decided
      .filter(({ committedOffset, nextOffset }) => committedOffset !== nextOffset)
      .map(({ partition, nextOffset }) => ({ topic, partition, nextOffset })),
    outOfRange: mine.filter(({ reason }) => reason === 'removed' || reason === 'beyond-end'),
  };
}
