import { createMissingTopics, type TopicAdmin } from '@preservarium/backend';

const dayMs = 24 * 3600_000;

/**
 * Creates missing settings topics with compaction. Kafka keeps the newest record of a device without limit and older ones for at least a day:
 * within that time a void record is followed by one that counts.
 *
 * @param commandTopic the new topics get as many partitions as this one, where it exists
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
