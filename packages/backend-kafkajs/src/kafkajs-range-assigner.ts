import { AssignerProtocol, type Assignment, type PartitionAssigner } from 'kafkajs';

/** The name by which the clients of Java and librdkafka know it: members on other clients can be in the group. */
const name = 'range';
const version = 0;
const userData = Buffer.alloc(0);

/**
 * Kafka's range assignor, which kafkajs lacks: each topic is cut into as many runs as it has members, in the order of their ids.
 * So a member has the same partitions of all topics of one size; kafkajs' round robin deals them on from topic to topic.
 */
export const rangeAssigner: PartitionAssigner = ({ cluster }) => ({
  name,
  version,
  protocol: ({ topics }) => ({
    name,
    metadata: AssignerProtocol.MemberMetadata.encode({ version, topics, userData }),
  }),
  async assign({ members, topics }) {
    const shares = members
      .map(({ memberId, memberMetadata }) => ({
        memberId,
        topics: AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? [],
        assignment: {} as Assignment,
      }))
      .sort((one, other) => (one.memberId < other.memberId ? -1 : 1));
    for (const topic of topics) {
      const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
      const interested = shares.filter((share) => share.topics.includes(topic));
      const runs = divide(
        partitions.sort((one, other) => one - other),
        interested.length,
      );
      for (const [index, { assignment }] of interested.entries()) assignment[topic] = runs[index] ?? [];
    }
    return shares.map(({ memberId, assignment }) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({ version, assignment, userData }),
    }));
  },
});

/** Runs of the items, in their order; the first ones have one more where they cannot be equal. */
function divide<Item>(items: readonly Item[], runs: number): Item[][] {
  const least = Math.floor(items.length / runs);
  const longer = items.length % runs;
  return Array.from({ length: runs }, (_, run) => {
    const start = run * least + Math.min(run, longer);
    return items.slice(start, start + least + (run < longer ? 1 : 0));
  });
}
