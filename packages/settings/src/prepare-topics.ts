import { createMissingTopics, type TopicAdmin } from '@preservarium/backend';

const dayMs = 24 * 3600_000;

/**
 * Creates the topics of settings that are missing. The newest record of a device stays for ever; older ones stay for a day at
 * least, in which those that lost a race are followed by one that counts.
 *
 * @param commandTopic says the number of partitions, where it exists
 */
export async function prepareTopics(
  admin: TopicAdmin,
  { topics, commandTopic }: { readonly topics: readonly string[]; readonly commandTopic: string },
): Promise<void> {
  const partitions = (await admin.listTopics()).find(({ topic }) => topic === commandTopic)?.partitions;
  const config = { 'cleanup.policy': 'compact', 'min.compaction.lag.ms': String(dayMs) };
  await createMissingTopics(
    admin,
    topics.map((topic) => ({ topic, config, ...(partitions !== undefined && { partitions }) })),
  );
}
