import { type Backend, headerTexts } from '@preservarium/backend';
import { decodeCommand } from '@preservarium/core';
import { type ReadToEndOptions, readToEnd, topicEnds } from '@preservarium/dead-letters';

/** Returns the request ids of the device's commands that connectors have deferred, as the changelog of their ledgers has them. Some have ended. */
export async function waitingCommandsOf(
  backend: Backend,
  deviceId: string,
  options: Pick<ReadToEndOptions, 'topic' | 'timeoutMs' | 'signal'>,
): Promise<ReadonlySet<string>> {
  const requestIds = new Set<string>();
  await readToEnd(backend, {
    ...options,
    ends: await topicEnds(backend, options),
    onRecord({ key, value, headers }) {
      if (headerTexts(headers)['record-type'] !== 'deferred' || String(key) !== deviceId) return;
      const decoded = decodeCommand(value);
      if (decoded.ok) requestIds.add(decoded.command.requestId);
    },
  });
  return requestIds;
}
