import type { RetentionLimits } from '../command-store.js';
import { maxForgotten } from '../max-forgotten.js';
import type { SqlDatabase, SqlParameter, SqlQuery } from './sql-database.js';

/** So that a large cut does not hold up the writers. */
const chunkSize = 5_000;

/** Forgets what is beyond the limits, in several transactions; returns how many. */
export async function pruneCommands(
  database: SqlDatabase,
  { finishedBefore, maxCommands }: RetentionLimits,
): Promise<number> {
  let count = 0;
  if (finishedBefore !== undefined) {
    count += await inChunks(database, (query) => {
      const old =
        'SELECT device_id, request_id FROM pusher_commands WHERE at_rest = 1 AND state_at_ms < $1 ORDER BY state_at_ms, request_id, device_id LIMIT $2';
      return forget(query, old, [finishedBefore.getTime(), chunkSize]);
    });
  }
  if (maxCommands !== undefined) {
    count += await inChunks(database, async (query) => {
      const excess = (await countOf(query, 'pusher_commands')) - maxCommands;
      if (excess <= 0) return 0;
      const oldest =
        'SELECT device_id, request_id FROM pusher_commands ORDER BY at_rest DESC, state_at_ms, request_id, device_id LIMIT $1';
      return forget(query, oldest, [Math.min(excess, chunkSize)]);
    });
  }
  await inChunks(database, async (query) => {
    const excess = (await countOf(query, 'pusher_forgotten_commands')) - maxForgotten;
    if (excess <= 0) return 0;
    const oldest =
      'SELECT device_id, request_id FROM pusher_forgotten_commands ORDER BY forgotten_at_ms LIMIT $1';
    return remove(query, 'pusher_forgotten_commands', oldest, [Math.min(excess, chunkSize)]);
  });
  return count;
}

async function inChunks(database: SqlDatabase, cut: (query: SqlQuery) => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await database.transaction(cut);
    total += count;
    if (count < chunkSize) return total;
  }
}

async function forget(
  query: SqlQuery,
  selected: string,
  parameters: readonly SqlParameter[],
): Promise<number> {
  const nowMs = `$${parameters.length + 1}`;
  await query(
    `INSERT INTO pusher_forgotten_commands (device_id, request_id, forgotten_at_ms)
     SELECT device_id, request_id, CAST(${nowMs} AS bigint) FROM (${selected}) AS selected`,
    [...parameters, Date.now()],
  );
  return remove(query, 'pusher_commands', selected, parameters);
}

async function remove(
  query: SqlQuery,
  table: string,
  selected: string,
  parameters: readonly SqlParameter[],
): Promise<number> {
  const removed = await query(
    `DELETE FROM ${table} WHERE (device_id, request_id) IN (${selected}) RETURNING request_id`,
    parameters,
  );
  return removed.length;
}

async function countOf(query: SqlQuery, table: string): Promise<number> {
  const [row] = await query(`SELECT count(*) AS count FROM ${table}`);
  return Number(row?.count);
}
