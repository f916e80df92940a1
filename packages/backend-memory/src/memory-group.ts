import type { ProcessedPosition, TopicPartition } from '@preservarium/backend';
import { partitionId } from '@preservarium/backend-kit';
import { settledWithin } from '@preservarium/concurrency';
import type { MemoryTopic } from './memory-topic.js';

/** As every backend, the group waits so long for `onRevoked`. */
const revokeTimeoutMs = 25_000;

export interface MemoryGroupMember {
  readonly topics: readonly MemoryTopic[];
  /** Starts handing over records of these partitions. */
  assign(partitions: readonly TopicPartition[]): void;
  /** Stops handing over records of these partitions. Resolves when the member has marked what it processed. */
  revoke(partitions: readonly TopicPartition[]): Promise<void>;
  /** Takes the partitions away: positions that are marked later are ignored. */
  release(partitions: readonly TopicPartition[]): void;
}

/** A consumer group: who has which partition, and what has been committed. */
export interface MemoryGroup {
  /** Resolves when the partitions have been divided anew. */
  join(member: MemoryGroupMember): Promise<void>;
  leave(member: MemoryGroupMember): Promise<void>;
  /** Takes all partitions of the member and divides them anew. */
  reassign(member: MemoryGroupMember): Promise<void>;
  /** Divides the partitions anew, for example after some were added. */
  rebalance(): Promise<void>;
  commit(partition: TopicPartition, nextOffset: number): void;
  committed(partition: TopicPartition): number | undefined;
  /** Returns true if something was committed of the topic. */
  hasCommitted(topic: string): boolean;
  /** The partitions of each member. */
  assignments(): readonly (readonly TopicPartition[])[];
  /** Forgets what was committed of a topic that is created again, and divides it anew. */
  restart(topic: string): void;
}

export function createMemoryGroup(): MemoryGroup {
  /** The partitions of each member, by `partitionId`. */
  const members = new Map<MemoryGroupMember, Map<string, TopicPartition>>();
  const offsets = new Map<string, ProcessedPosition>();
  let rebalanced = Promise.resolve();

  function rebalance(): Promise<void> {
    rebalanced = rebalanced.then(divide);
    return rebalanced;
  }

  /** Takes partitions away from their members. */
  async function take(
    isTaken: (one: {
      readonly member: MemoryGroupMember;
      readonly id: string;
      readonly partition: TopicPartition;
    }) => boolean,
  ): Promise<void> {
    await Promise.all(
      [...members].map(async ([member, owned]) => {
        const lost = [...owned]
          .filter(([id, partition]) => isTaken({ member, id, partition }))
          .map(([, partition]) => partition);
        if (lost.length === 0) return;
        await settledWithin(member.revoke(lost), revokeTimeoutMs);
        member.release(lost);
        for (const partition of lost) owned.delete(partitionId(partition));
      }),
    );
  }

  async function divide(): Promise<void> {
    const wanted = assignment([...members.keys()]);
    await take(({ member, id }) => !wanted.get(member)?.has(id));
    for (const [member, owned] of members) {
      const gained = [...(wanted.get(member) ?? [])].filter(([id]) => !owned.has(id));
      for (const [id, partition] of gained) owned.set(id, partition);
      if (gained.length > 0) member.assign(gained.map(([, partition]) => partition));
    }
  }

  /** Divides the partitions anew, after these have been taken away. */
  function redistribute(isTaken: Parameters<typeof take>[0]): Promise<void> {
    rebalanced = rebalanced.then(() => take(isTaken)).then(divide);
    return rebalanced;
  }

  return {
    rebalance,
    reassign: (member) => redistribute((one) => one.member === member),
    join(member) {
      members.set(member, new Map());
      return rebalance();
    },
    leave(member) {
      members.delete(member);
      return rebalance();
    },
    commit(partition, nextOffset) {
      offsets.set(partitionId(partition), { ...partition, nextOffset });
    },
    committed: (partition) => offsets.get(partitionId(partition))?.nextOffset,
    hasCommitted: (topic) => [...offsets.values()].some((position) => position.topic === topic),
    assignments: () => [...members.values()].map((owned) => [...owned.values()]),
    restart(topic) {
      for (const [id, position] of offsets) if (position.topic === topic) offsets.delete(id);
      void redistribute(({ member }) => member.topics.some((one) => one.topic === topic));
    },
  };
}

/** Deals each topic's partitions in turn to the members that want it, from the first: equal topics are dealt equally. */
function assignment(
  members: readonly MemoryGroupMember[],
): Map<MemoryGroupMember, Map<string, TopicPartition>> {
  const assigned = new Map(members.map((member) => [member, new Map<string, TopicPartition>()]));
  const topics = new Set(members.flatMap((member) => member.topics));
  for (const topic of topics) {
    const interested = members.filter((member) => member.topics.includes(topic));
    for (let partition = 0; partition < topic.partitions; partition++) {
      const member = interested[partition % interested.length] as MemoryGroupMember;
      const topicPartition = { topic: topic.topic, partition };
      assigned.get(member)?.set(partitionId(topicPartition), topicPartition);
    }
  }
  return assigned;
}
