import { randomUUID } from 'node:crypto';
import type { CommandState } from '@preservarium/core';
import { cursorAfter, startOfPage } from '../command-cursor.js';
import type { CommandStore } from '../command-store.js';
import { lifecycleOfRow, searchable, unproven } from './command-row.js';
import { listDevices } from './list-devices.js';
import { pruneCommands } from './prune-commands.js';
import { saveEvents } from './save-events.js';
import type { SqlDatabase, SqlQuery } from './sql-database.js';
import { whereClause } from './where-clause.js';

/** The store on a database that has its tables: all that SQLite and PostgreSQL say in the same words. */
export function createSqlCommandStore(database: SqlDatabase): CommandStore {
  const { query, transaction } = database;

  async function renew(inTransaction: SqlQuery): Promise<void> {
    await inTransaction('DELETE FROM pusher_command_positions');
    await inTransaction('UPDATE pusher_command_feed SET feed_id = $1', [randomUUID()]);
  }

  const store: CommandStore = {
    save: (events, positions = []) =>
      transaction((inTransaction) => saveEvents(inTransaction, database, events, positions)),
    async get({ deviceId, requestId }) {
      const [row] = await query(
        'SELECT request_id, events FROM pusher_commands WHERE device_id = $1 AND request_id = $2 AND state <> $3',
        [searchable(deviceId), searchable(requestId), unproven],
      );
      return row && lifecycleOfRow(row);
    },
    async list(given) {
      const { where, parameters } = whereClause(given, startOfPage(given));
      const rows = await query(
        `SELECT request_id, events FROM pusher_commands ${where}
         ORDER BY state_at_ms DESC, request_id DESC, device_id DESC LIMIT $${parameters.length + 1}`,
        [...parameters, given.limit + 1],
      );
      const lifecycles = rows.slice(0, given.limit).map(lifecycleOfRow);
      const last = lifecycles.at(-1);
      return { lifecycles, cursor: last && rows.length > given.limit ? cursorAfter(last) : undefined };
    },
    listDevices: (given) => listDevices(query, given),
    async countByState(filter = {}) {
      const { where, parameters } = whereClause(filter);
      const rows = await query(
        `SELECT state, count(*) AS count FROM pusher_commands ${where} GROUP BY state`,
        parameters,
      );
      return Object.fromEntries(rows.map(({ state, count }) => [state as CommandState, Number(count)]));
    },
    prune: (limits) => pruneCommands(database, limits),
    forget: (deviceId) =>
      transaction(async (inTransaction) => {
        const given = [searchable(deviceId)];
        await inTransaction('DELETE FROM pusher_forgotten_commands WHERE device_id = $1', given);
        const deleted = 'DELETE FROM pusher_commands WHERE device_id = $1 RETURNING request_id';
        return (await inTransaction(deleted, given)).length;
      }),
    async progress(topic) {
      const rows = await query(
        `SELECT feed_id, partition, next_offset FROM pusher_command_feed
         LEFT JOIN pusher_command_positions ON topic = $1`,
        [topic],
      );
      const read = rows.filter(({ partition }) => partition !== null);
      return {
        feedId: String(rows[0]?.feed_id),
        nextOffsets: new Map(read.map((row) => [Number(row.partition), Number(row.next_offset)])),
      };
    },
    clear: () =>
      transaction(async (inTransaction) => {
        await inTransaction('DELETE FROM pusher_commands');
        await inTransaction('DELETE FROM pusher_forgotten_commands');
        await renew(inTransaction);
      }),
    renewFeed: () => transaction(renew),
    close: () => database.close(),
    [Symbol.asyncDispose]: () => store.close(),
  };
  return store;
}
