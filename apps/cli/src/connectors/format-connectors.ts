import { printable } from '@preservarium/command-line';
import { formatTable } from '../dead-letters/format-table.js';
import type { ConnectorGroup } from './describe-connectors.js';
import type { UnservedProtocol } from './unserved-protocols.js';

/** Returns a table of the groups, with a line for each member. */
export function formatConnectors(groups: readonly ConnectorGroup[], maxColumns: number): string[] {
  if (groups.length === 0) return ['no connectors'];
  const header = ['GROUP', 'PROTOCOL', 'MEMBERS', 'PARTITIONS', 'LAG', 'WAITING', 'OLDEST'];
  const rows = groups.flatMap((group) => [rowOf(group), ...memberRows(group)]);
  return formatTable([header, ...rows], maxColumns);
}

/** Returns a line for each protocol. */
export function formatUnserved(
  unserved: readonly UnservedProtocol[],
  groups: readonly ConnectorGroup[],
): string[] {
  const isCertain = groups.every(({ members, protocol }) => members.length === 0 || protocol !== null);
  const nobody = isCertain ? 'no connector serves' : 'no connector is known to serve';
  return unserved.map(({ protocol, commands, newestAt }) => {
    const count = `${commands} ${commands === 1 ? 'command' : 'commands'}`;
    return `${nobody} ${printable(JSON.stringify(protocol))}: ${count}, the newest of ${newestAt.toISOString()}`;
  });
}

function rowOf({ groupId, protocol, members, unassigned, lag, waiting, oldestWaitingAt }: ConnectorGroup) {
  const records = lag.reduce<number>((sum, of) => sum + (of ?? 0), 0);
  return [
    printable(groupId),
    printable(protocol ?? 'unknown'),
    String(members.length),
    `${lag.length - unassigned.length} of ${lag.length}`,
    String(records),
    String(waiting),
    oldestWaitingAt?.toISOString() ?? '-',
  ];
}

function memberRows({ members }: ConnectorGroup): string[][] {
  return members.map(({ clientId, host, partitions }) => [
    `  ${printable(clientId)} at ${printable(host)}`,
    '',
    '',
    partitions.join(','),
  ]);
}
