import { startSlice } from '@preservarium/concurrency';
import type { LifecycleEvent } from '@preservarium/core';
import { type CommandId, commandKey } from '@preservarium/tracking';
import type { FeedPosition, RefusedEvent, SaveOutcome } from '../command-store.js';
import { createEventMerge } from '../merge-events.js';
import { commandColumns, lifecycleOfRow, rowOf } from './command-row.js';
import type { SqlDatabase, SqlInsert, SqlQuery, SqlRow } from './sql-database.js';

const updates = Object.keys(commandColumns).map((column) => `${column} = excluded.${column}`);
const insertedCommands: SqlInsert = {
  table: 'pusher_commands',
  columns: commandColumns,
  onConflict: `ON CONFLICT (device_id, request_id) DO UPDATE SET ${updates.join(', ')}`,
};
const insertedPositions: SqlInsert = {
  table: 'pusher_command_positions',
  columns: { topic: 'text', partition: 'bigint', next_offset: 'bigint' },
  onConflict: `ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset
    WHERE pusher_command_positions.next_offset < excluded.next_offset`,
};

type Statements = Pick<SqlDatabase, 'selectFromJson' | 'insertAll'>;

/** Merges events into their commands and moves the positions; to be run in one transaction. */
export async function saveEvents(
  query: SqlQuery,
  statements: Statements,
  events: readonly LifecycleEvent[],
  positions: readonly FeedPosition[],
): Promise<SaveOutcome> {
  for (const feedId of new Set(positions.map((position) => position.feedId))) {
    if (!(await isFeed(query, feedId))) return { kind: 'other-feed' };
  }
  const refused = events.length === 0 ? [] : await mergeAll(query, statements, events);
  if (positions.length > 0) await movePositions(query, statements, positions);
  return { kind: 'saved', refused };
}

async function mergeAll(
  query: SqlQuery,
  { selectFromJson, insertAll }: Statements,
  events: readonly LifecycleEvent[],
): Promise<readonly RefusedEvent[]> {
  const ids = JSON.stringify([
    ...new Map(events.map((event) => [commandKey(event), toIdRow(event)])).values(),
  ]);
  const isAmong = `(device_id, request_id) IN (${selectFromJson('$1', { device_id: 'text', request_id: 'text' })})`;
  const known = await query(`SELECT request_id, events FROM pusher_commands WHERE ${isAmong}`, [ids]);
  const forgotten = await query(
    `SELECT device_id, request_id FROM pusher_forgotten_commands WHERE ${isAmong}`,
    [ids],
  );
  const lifecycles = await mapInSlices(known, lifecycleOfRow);
  const knownByKey = new Map(lifecycles.map((lifecycle) => [commandKey(lifecycle), lifecycle]));
  const forgottenKeys = new Set(forgotten.map((row) => commandKey(idOf(row))));
  const { add, merged } = createEventMerge({
    get: (command) => knownByKey.get(commandKey(command)),
    isForgotten: (command) => forgottenKeys.has(commandKey(command)),
  });
  await mapInSlices(events, add);
  const { changed, refused } = merged;
  await insertAll(query, insertedCommands, await mapInSlices([...changed.values()], rowOf));
  return refused;
}

/** A command can have megabytes of results: the event loop goes on between the commands, also within a transaction. */
async function mapInSlices<Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  const slice = startSlice();
  for (const item of items) {
    if (slice.isOver()) await slice.next();
    results.push(map(item));
  }
  return results;
}

async function isFeed(query: SqlQuery, feedId: string): Promise<boolean> {
  const rows = await query('SELECT 1 AS found FROM pusher_command_feed WHERE feed_id = $1', [feedId]);
  return rows.length > 0;
}

async function movePositions(
  query: SqlQuery,
  { insertAll }: Statements,
  positions: readonly FeedPosition[],
): Promise<void> {
  // A statement may move a row once.
  const furthest = new Map<string, FeedPosition>();
  for (const position of positions) {
    const key = `${position.topic}\n${position.partition}`;
    if (position.nextOffset > (furthest.get(key)?.nextOffset ?? -1)) furthest.set(key, position);
  }
  const rows = [...furthest.values()].map(({ topic, partition, nextOffset }) => ({
    topic,
    partition,
    next_offset: nextOffset,
  }));
  await insertAll(query, insertedPositions, rows);
}

function toIdRow({ deviceId, requestId }: CommandId) {
  return { device_id: deviceId, request_id: requestId };
}

function idOf({ device_id: deviceId, request_id: requestId }: SqlRow): CommandId {
  return { deviceId: String(deviceId), requestId: String(requestId) };
}
