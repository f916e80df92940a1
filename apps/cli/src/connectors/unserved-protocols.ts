import type { Backend } from '@preservarium/backend';
import { decodeCommand } from '@preservarium/core';
import { readToEnd, topicEnds } from '@preservarium/dead-letters';
import type { ConnectorGroup, DescribeOptions } from './describe-connectors.js';

/** A protocol of commands that no running connector delivers. */
export interface UnservedProtocol {
  readonly protocol: string;
  /** How many commands of it were read. */
  readonly commands: number;
  /** When the newest one was written. */
  readonly newestAt: Date;
}

/** Returns the protocol names that a group with members serves. */
export function servedProtocols(groups: readonly ConnectorGroup[]): ReadonlySet<string> {
  return new Set(
    groups.flatMap(({ members, protocol }) => (members.length > 0 && protocol !== null ? [protocol] : [])),
  );
}

/** Reads the commands of the time span, and returns the protocols among them that nobody serves, by name. */
export async function unservedProtocols(
  backend: Backend,
  served: ReadonlySet<string>,
  { settings, timeoutMs, signal, sinceMs }: DescribeOptions & { readonly sinceMs: number },
): Promise<readonly UnservedProtocol[]> {
  const topic = settings.commandTopic;
  const found = new Map<string, { commands: number; newestMs: number }>();
  await readToEnd(backend, {
    topic,
    from: { lastMs: sinceMs },
    ends: await topicEnds(backend, { topic, timeoutMs, signal }),
    timeoutMs,
    signal,
    onRecord({ value, timestampMs }) {
      const decoded = decodeCommand(value);
      if (!decoded.ok || served.has(decoded.command.protocol)) return;
      const { protocol } = decoded.command;
      const { commands = 0, newestMs = 0 } = found.get(protocol) ?? {};
      found.set(protocol, { commands: commands + 1, newestMs: Math.max(newestMs, timestampMs) });
    },
  });
  return [...found]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([protocol, { commands, newestMs }]) => ({ protocol, commands, newestAt: new Date(newestMs) }));
}
