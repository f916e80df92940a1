import type { SqlMigrations } from './migrate-tables.js';
import type { SqlDialect } from './sql-database.js';

/** Returns the tables of a command store. Versions are never changed once released: another one is added behind. */
export function commandTables({ text, integer, table, keyedTable, newId }: SqlDialect): SqlMigrations {
  return [
    [
      `CREATE TABLE pusher_commands (
        device_id ${text} NOT NULL,
        request_id ${text} NOT NULL,
        command_type ${text},
        protocol ${text},
        state ${text} NOT NULL,
        at_rest ${integer} NOT NULL,
        state_at_ms ${integer} NOT NULL,
        events ${text} NOT NULL,
        PRIMARY KEY (device_id, request_id)
      ) ${table}`,
      'CREATE INDEX pusher_commands_by_request ON pusher_commands (request_id)',
      'CREATE INDEX pusher_commands_by_time ON pusher_commands (state_at_ms, request_id, device_id)',
      'CREATE INDEX pusher_commands_by_device ON pusher_commands (device_id, state_at_ms, request_id)',
      'CREATE INDEX pusher_commands_by_state ON pusher_commands (state, state_at_ms, request_id, device_id)',
      'CREATE INDEX pusher_commands_by_rest ON pusher_commands (at_rest DESC, state_at_ms, request_id, device_id)',
      `CREATE TABLE pusher_forgotten_commands (
        device_id ${text} NOT NULL,
        request_id ${text} NOT NULL,
        forgotten_at_ms ${integer} NOT NULL,
        PRIMARY KEY (device_id, request_id)
      ) ${keyedTable}`,
      'CREATE INDEX pusher_forgotten_commands_by_time ON pusher_forgotten_commands (forgotten_at_ms)',
      `CREATE TABLE pusher_command_positions (
        topic ${text} NOT NULL,
        partition ${integer} NOT NULL,
        next_offset ${integer} NOT NULL,
        PRIMARY KEY (topic, partition)
      ) ${keyedTable}`,
      `CREATE TABLE pusher_command_feed (feed_id ${text} NOT NULL) ${table}`,
      `INSERT INTO pusher_command_feed (feed_id) VALUES (${newId})`,
    ],
  ];
}
