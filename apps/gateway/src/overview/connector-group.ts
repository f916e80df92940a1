import type { Backend } from '@preservarium/backend';
import { TopicUnknownError } from '@preservarium/core';

/** The consumer group of the connectors of a protocol. */
export interface ConnectorGroup {
  readonly protocol: string;
  readonly groupId: string;
}

export interface ConnectorLag extends ConnectorGroup {
  /** Commands in Kafka that the group has not processed; undefined where it has never committed anything. */
  readonly lag: number | undefined;
  /** Processes in the group; undefined where the Kafka client cannot tell. */
  readonly members: number | undefined;
}

/** Returns how far the groups are behind the end of the command topic, and how many members they have. */
export async function lagsOf(
  backend: Pick<Backend, 'offsets' | 'groupsOf'>,
  commandTopic: string,
  groups: readonly ConnectorGroup[],
): Promise<readonly ConnectorLag[]> {
  const described = await backend.groupsOf?.([commandTopic]);
  return Promise.all(
    groups.map(async (group) => {
      const members = described?.find(({ groupId }) => groupId === group.groupId)?.members.length ?? 0;
      return {
        ...group,
        lag: await lagOf(backend, commandTopic, group),
        members: described === undefined ? undefined : members,
      };
    }),
  );
}

async function lagOf(
  backend: Pick<Backend, 'offsets'>,
  topic: string,
  { groupId }: ConnectorGroup,
): Promise<number | undefined> {
  try {
    const partitions = await backend.offsets({ topic, groupId });
    const lags = partitions.flatMap(({ committedOffset, startOffset, endOffset }) =>
      committedOffset === undefined ? [] : [endOffset - Math.max(committedOffset, startOffset)],
    );
    return lags.length === 0 ? undefined : lags.reduce((sum, lag) => sum + lag, 0);
  } catch (error) {
    if (TopicUnknownError.isInstance(error)) return undefined;
    throw error;
  }
}
