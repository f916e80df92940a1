import type { GroupDescription, TopicPartition } from '@preservarium/backend';
import type { MemoryBroker } from './memory-broker.js';

/** Describes the groups that have committed something of each of these topics. */
export function groupsInMemory(broker: MemoryBroker, topics: readonly string[]): readonly GroupDescription[] {
  return [...broker.groups()]
    .filter(([, group]) => topics.every((topic) => group.hasCommitted(topic)))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([groupId, group]) => ({
      groupId,
      members: group.assignments().map((owned, index) => ({
        memberId: `${groupId}-${index}`,
        clientId: 'memory',
        host: 'memory',
        partitions: byTopic(owned),
      })),
    }));
}

function byTopic(owned: readonly TopicPartition[]): Record<string, number[]> {
  const partitions: Record<string, number[]> = {};
  for (const { topic, partition } of owned) {
    partitions[topic] ??= [];
    partitions[topic].push(partition);
  }
  for (const ofTopic of Object.values(partitions)) ofTopic.sort((one, other) => one - other);
  return partitions;
}
