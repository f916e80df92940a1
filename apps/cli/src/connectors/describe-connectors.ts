import type { Backend, GroupDescription } from '@preservarium/backend';
import { withDeadline } from '@preservarium/concurrency';
import type { EnvironmentOptions } from '@preservarium/environment';
import { groupAdminOf } from './group-admin.js';
import { readChangelog } from './read-changelog.js';

/** A consumer group of connectors. */
export interface ConnectorGroup {
  readonly groupId: string;
  /** As the claims of its connectors say; null if they are of an earlier version, which does not. */
  readonly protocol: string | null;
  /** None: no connector of the group runs. */
  readonly members: readonly ConnectorMember[];
  /** Partitions of the command topic that no member has. */
  readonly unassigned: readonly number[];
  /** Records of the command topic that are not processed; null for a partition of which nothing is committed. */
  readonly lag: readonly (number | null)[];
  /** Commands that wait for their devices. */
  readonly waiting: number;
  readonly oldestWaitingAt: Date | null;
}

interface ConnectorMember {
  readonly clientId: string;
  readonly host: string;
  /** Of the command topic. */
  readonly partitions: readonly number[];
}

export interface DescribeOptions {
  readonly settings: EnvironmentOptions;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Returns the groups that take part in both topics, as connectors do; those without members too. */
export function groupsOfConnectors(
  backend: Backend,
  { settings, timeoutMs, signal }: DescribeOptions,
): Promise<readonly GroupDescription[]> {
  const { commandTopic, waitingTopic } = settings;
  const asked = groupAdminOf(backend, settings).groupsOf([commandTopic, waitingTopic]);
  return withDeadline(asked, { doing: 'describe the consumer groups', timeoutMs, signal });
}

/** Returns the groups of connectors by id: those that have claimed a partition of the waiting topic. */
export async function describeConnectors(
  backend: Backend,
  options: DescribeOptions,
): Promise<readonly ConnectorGroup[]> {
  const { commandTopic, waitingTopic } = options.settings;
  const groups = await groupsOfConnectors(backend, options);
  if (groups.length === 0) return [];
  const surveyed = await readChangelog(backend, groups, { ...options, waitingTopic });
  const described = await Promise.all(
    groups.map(async ({ groupId, members }) => {
      const survey = surveyed.get(groupId);
      if (survey === undefined) return [];
      const offsets = await backend.offsets({ topic: commandTopic, groupId });
      const connectors = members.map(({ clientId, host, partitions }) => ({
        clientId,
        host,
        partitions: partitions[commandTopic] ?? [],
      }));
      const assigned = new Set(connectors.flatMap(({ partitions }) => partitions));
      return {
        groupId,
        protocol: survey.protocol ?? null,
        members: connectors,
        unassigned: offsets.map(({ partition }) => partition).filter((partition) => !assigned.has(partition)),
        lag: offsets.map(({ committedOffset, startOffset, endOffset }) =>
          committedOffset === undefined ? null : endOffset - Math.max(committedOffset, startOffset),
        ),
        waiting: survey.waiting,
        oldestWaitingAt: survey.oldestMs === undefined ? null : new Date(survey.oldestMs),
      };
    }),
  );
  return described.flat();
}
