import type { KafkaOptions } from '@preservarium/backend';
import kafkajs from 'kafkajs';
import { kafkajsClient } from './kafkajs-client.js';

/** Resolves with what the leader of a group has assigned to each member, as the brokers have it: by topic, its partitions in order. */
export async function assignmentsOf(
  settings: KafkaOptions,
  groupId: string,
): Promise<readonly Readonly<Record<string, readonly number[]>>[]> {
  const admin = kafkajsClient(settings).admin();
  try {
    await admin.connect();
    const [group] = (await admin.describeGroups([groupId])).groups;
    return (group?.members ?? []).map(({ memberAssignment }) => {
      if (memberAssignment.length === 0) return {};
      const { assignment = {} } = kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment) ?? {};
      return Object.fromEntries(
        Object.entries(assignment).map(([topic, partitions]) => [
          topic,
          partitions.toSorted((a, b) => a - b),
        ]),
      );
    });
  } finally {
    await admin.disconnect();
  }
}
