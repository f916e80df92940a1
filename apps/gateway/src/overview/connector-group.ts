import type { TopicAdmin } from '@preservarium/backend';
import { TopicUnknownError } from '@preservarium/core';

/** The consumer group of the connectors of a protocol. */
export interface ConnectorGroup {
  readonly protocol: string;
  readonly groupId: string;
}

export interface ConnectorLag extends ConnectorGroup {
  /** Commands in Kafka that the group has not processed; undefined where it has never committed anything. */
  readonly lag: number | undefined;
}

/** Returns how far a group is behind the end of the command topic. */
export async function lagOf(
  backend: Pick<TopicAdmin, 'offsets'>,
  commandTopic: string,
  group: ConnectorGroup,
): Promise<ConnectorLag> {
  try {
    const partitions = await backend.offsets({ topic: commandTopic, groupId: group.groupId });
    const read = partitions.flatMap(({ committedOffset, startOffset, endOffset }) =>
      committedOffset === undefined ? [] : [endOffset - Math.max(committedOffset, startOffset)],
    );
    return { ...group, lag: read.length === 0 ? undefined : read.reduce((sum, lag) => sum + lag, 0) };
  } catch (error) {
    if (TopicUnknownError.isInstance(error)) return { ...group, lag: undefined };
    throw error;
  }
}
