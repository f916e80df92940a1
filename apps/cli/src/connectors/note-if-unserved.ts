import type { Backend } from '@preservarium/backend';
import { writeNote } from '../output.js';
import { pusher } from '../pusher.js';
import { type DescribeOptions, groupsOfConnectors } from './describe-connectors.js';
import { readChangelog } from './read-changelog.js';

/**
 * Writes a note to stderr if no running connector serves the protocol, with the groups that were looked at. Reads no more of the waiting topic than it needs to
 * know the protocols. Never rejects: a wait goes on without the note.
 */
export async function noteIfUnserved(
  backend: Backend,
  protocol: string,
  options: DescribeOptions,
): Promise<void> {
  const { settings, signal } = options;
  try {
    const looked = await lookFor(backend, protocol, options);
    if (looked === undefined || signal.aborted) return;
    writeNote(
      `no connector serves protocol "${protocol}" on topic "${settings.commandTopic}" (${looked}): start one, or see \`${pusher} connectors\``,
    );
  } catch (error) {
    settings.logger?.debug({ err: error }, 'cannot tell if a connector serves the protocol');
  }
}

/** Returns which groups were looked at; undefined if one of them serves the protocol, or may. */
async function lookFor(
  backend: Backend,
  protocol: string,
  options: DescribeOptions,
): Promise<string | undefined> {
  const { waitingTopic } = options.settings;
  const groups = await groupsOfConnectors(backend, options);
  const running = groups.filter(({ members }) => members.length > 0);
  const ended = groups
    .filter(({ members }) => members.length === 0)
    .map(({ groupId }) => `${groupId}: no members`);
  if (running.length === 0) {
    return ended.length === 0 ? `no group reads "${waitingTopic}"` : ended.join(', ');
  }
  const known = await readChangelog(backend, running, {
    ...options,
    waitingTopic,
    isEnough: ({ protocolOf }) => running.every(({ groupId }) => protocolOf(groupId) !== undefined),
  });
  const protocols = running.map(({ groupId }) => ({ groupId, serves: known.get(groupId)?.protocol }));
  if (protocols.some(({ serves }) => serves === undefined || serves === protocol)) return undefined;
  return [...protocols.map(({ groupId, serves }) => `${groupId}: ${serves}`), ...ended].join(', ');
}
