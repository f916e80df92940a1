import { createMissingTopics, type Logger, type TopicAdmin } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';

const dayMs = 24 * 3600_000;

export interface PrepareTopicsOptions {
  readonly topics: OwnTopics;
  readonly groupId: string;
  /** How long the waiting topic keeps records. */
  readonly waitingRetentionMs: number;
  readonly logger: Logger;
}

export interface OwnTopics {
  readonly commands: string;
  readonly waiting: string;
  readonly deadLetters: string;
  readonly events: string | undefined;
  /** Of a wire format that has such a topic. */
  readonly ends?: string | undefined;
}

/** Gives the waiting topic as many partitions as the command topic has now. Rejects as `addPartitions` of the backend does. */
export async function enlargeWaitingTopic(
  admin: Pick<TopicAdmin, 'addPartitions'>,
  {
    topics,
    partitions,
    logger,
  }: {
    readonly topics: Pick<OwnTopics, 'commands' | 'waiting'>;
    readonly partitions: number;
    readonly logger: Logger;
  },
): Promise<void> {
  await admin.addPartitions({ topic: topics.waiting, partitions });
  logger.warn(
    { topic: topics.commands, partitions, waitingTopic: topics.waiting },
    'the command topic has more partitions than before, so the waiting topic has as many now: for commands pushed before, ' +
      'order, supersession and cancellation hold within the old partition of their device only',
  );
}

/**
 * Creates the connector's own topics where they are missing, and ensures that a deferred command stays with the
 * owner of its device's partition.
 *
 * @throws TopicUnknownError when the command topic does not exist
 * @throws ConfigurationError when the waiting topic has more partitions than the command topic
 */
export async function prepareTopics(
  admin: TopicAdmin,
  { topics, groupId, waitingRetentionMs, logger }: PrepareTopicsOptions,
): Promise<void> {
  const partitionsOf = new Map(
    (await admin.listTopics()).map(({ topic, partitions }) => [topic, partitions]),
  );
  // A memory backend creates a topic when it is first used; the others reject with `TOPIC_UNKNOWN`.
  const partitions =
    partitionsOf.get(topics.commands) ?? (await admin.offsets({ topic: topics.commands, groupId })).length;

  const retention = (ms: number) => ({ 'retention.ms': String(ms) });
  // Headers are added to commands as large as their own topic allows; the limit is for a batch.
  const roomForHeaders = { 'max.message.bytes': String(16 * 1024 * 1024) };
  const wanted = [
    { topic: topics.waiting, config: { ...retention(waitingRetentionMs), ...roomForHeaders } },
    { topic: topics.deadLetters, config: { ...retention(30 * dayMs), ...roomForHeaders } },
    ...[topics.events, topics.ends]
      .filter((topic) => topic !== undefined)
      .map((topic) => ({ topic, config: retention(7 * dayMs) })),
  ];
  await createMissingTopics(
    admin,
    wanted.map((topic) => ({ ...topic, partitions })),
  );

  const waitingPartitions = partitionsOf.get(topics.waiting) ?? partitions;
  if (waitingPartitions < partitions) await enlargeWaitingTopic(admin, { topics, partitions, logger });
  if (waitingPartitions > partitions) {
    throw new ConfigurationError(
      `topic "${topics.waiting}" has ${waitingPartitions} partitions and "${topics.commands}" has ${partitions}: ` +
        'they must have the same number, so that the commands of a device stay together. ' +
        `Change it with \`kafka-topics.sh --bootstrap-server <broker> --alter --topic ${topics.commands} --partitions ${waitingPartitions}\`, or name a new waiting topic`,
    );
  }
}
