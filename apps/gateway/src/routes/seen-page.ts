import {
  type CommandPage,
  type CommandQuery,
  type CommandStore,
  cursorAfter,
} from '@preservarium/command-store';
import type { Lifecycle } from '@preservarium/core';

/** Bound the work of a request whose caller may see few of many commands. */
const maxReads = 10;
const furtherReads = 200;

/**
 * Returns a page of the commands that are seen, the newest first. Its cursor says nothing of the others, and leads on where the page has
 * fewer because many are not seen.
 *
 * @throws what the store throws
 */
export async function seenPage(
  store: Pick<CommandStore, 'list'>,
  query: CommandQuery,
  isSeen: (command: Lifecycle) => boolean,
): Promise<CommandPage> {
  const lifecycles: Lifecycle[] = [];
  let { cursor, limit } = query;
  let readAtMs = 0;
  for (let reads = 0; reads < maxReads; reads++) {
    const page = await store.list({ ...query, limit, cursor });
    for (const [index, command] of page.lifecycles.entries()) {
      readAtMs = command.timestamp.getTime();
      if (!isSeen(command)) continue;
      lifecycles.push(command);
      if (lifecycles.length < query.limit) continue;
      const isLast = page.cursor === undefined && index === page.lifecycles.length - 1;
      return { lifecycles, cursor: isLast ? undefined : cursorAfter(command) };
    }
    if (page.cursor === undefined) return { lifecycles, cursor: undefined };
    cursor = page.cursor;
    limit = furtherReads;
  }
  // Before all commands of this millisecond, which are read again: their ids are not for the caller.
  const place = { timestamp: new Date(readAtMs + 1), requestId: '', deviceId: '' };
  return { lifecycles, cursor: cursorAfter(place) };
}
