import type { LifecycleEvent } from '@preservarium/core';
import type { FeedPosition, SaveOutcome } from '../command-store.js';
import { mergeEvents } from '../merge-events.js';
import { commandColumns, lifecycleOfRow, rowOf } from './command-row.js';
import type { SqlDatabase, SqlQuery, SqlRow } from './sql-database.js';

const columns = Object.keys(commandColumns);
const updates = columns.map((column) => `${column} = excluded.${column}`);

/** Merges events into their commands and moves the position; to be run in one transaction. */
export async function saveEvents(
  query: SqlQuery,
  selectFromJson: SqlDatabase['selectFromJson'],
  events: readonly LifecycleEvent[],
  position?: FeedPosition,
): Promise<SaveOutcome> {
  if (position !== undefined && !(await isFeed(query, position.feedId))) return { kind: 'other-feed' };
  const ids = JSON.stringify([...new Set(events.map(({ requestId }) => requestId))].map(toIdRow));
  const among = `IN (${selectFromJson('$1', { request_id: 'text' })})`;
  const known = await query(`SELECT request_id, events FROM pusher_commands WHERE request_id ${among}`, [
    ids,
  ]);
  const forgotten = await query(
    `SELECT request_id FROM pusher_forgotten_commands WHERE request_id ${among}`,
    [ids],
  );
  const knownById = new Map(known.map((row) => [idOf(row), lifecycleOfRow(row)]));
  const forgottenIds = new Set(forgotten.map(idOf));
  const { changed, refused } = mergeEvents(events, {
    get: (requestId) => knownById.get(requestId),
    isForgotten: (requestId) => forgottenIds.has(requestId),
  });
  if (changed.size > 0) {
    await query(
      `INSERT INTO pusher_commands (${columns.join(', ')}) ${selectFromJson('$1', commandColumns)} WHERE true
       ON CONFLICT (request_id) DO UPDATE SET ${updates.join(', ')}`,
      [JSON.stringify([...changed.values()].map(rowOf))],
    );
  }
  if (position !== undefined) await movePosition(query, position);
  return { kind: 'saved', refused };
}

async function isFeed(query: SqlQuery, feedId: string): Promise<boolean> {
  const rows = await query('SELECT 1 AS found FROM pusher_command_feed WHERE feed_id = $1', [feedId]);
  return rows.length > 0;
}

async function movePosition(query: SqlQuery, { topic, partition, nextOffset }: FeedPosition): Promise<void> {
  await query(
    `INSERT INTO pusher_command_positions (topic, partition, next_offset) VALUES ($1, $2, $3)
     ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset
     WHERE pusher_command_positions.next_offset < excluded.next_offset`,
    [topic, partition, nextOffset],
  );
}

function toIdRow(requestId: string): { readonly request_id: string } {
  return { request_id: requestId };
}

function idOf({ request_id: requestId }: SqlRow): string {
  return String(requestId);
}
