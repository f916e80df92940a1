import type { Logger, PartitionOffsets, StartFrom, TopicAdmin } from '@preservarium/backend';

export interface StartOfCommandsOptions {
  readonly topics: { readonly commands: string; readonly waiting: string };
  readonly groupId: string;
  /** Where a new group starts. */
  readonly from: StartFrom;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Returns where a group without committed offsets starts on the command topic. A group that has committed something of the waiting topic is not new: the command
 * topic was deleted, and created again, while no connector ran, because Kafka forgets offsets of a topic with the topic. It is read from its beginning.
 */
export async function startOfCommands(
  admin: Pick<TopicAdmin, 'offsets'>,
  { topics, groupId, from, logger }: StartOfCommandsOptions,
): Promise<StartFrom> {
  const [commands, waiting] = await Promise.all(
    [topics.commands, topics.waiting].map((topic) => admin.offsets({ topic, groupId })),
  );
  if (hasCommitted(commands) || !hasCommitted(waiting)) return from;
  logger.error(
    { topic: topics.commands, groupId },
    'the command topic was created anew while no connector ran: it is read from its beginning',
  );
  return 'beginning';
}

function hasCommitted(offsets: readonly PartitionOffsets[] | undefined): boolean {
  return offsets?.some(({ committedOffset }) => committedOffset !== undefined) ?? false;
}
