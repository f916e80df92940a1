import type { SqlMigrations } from './migrate-tables.js';
import type { SqlDialect } from './sql-database.js';

/** Returns the table of request keys. Versions are never changed once released: another one is added behind. */
export function requestKeyTables({ text, integer, keyedTable }: SqlDialect): SqlMigrations {
  return [
    [
      `CREATE TABLE pusher_request_keys (
        device_id ${text} NOT NULL,
        idempotency_key ${text} NOT NULL,
        scope ${text} NOT NULL,
        fingerprint ${text} NOT NULL,
        request_id ${text} NOT NULL,
        receipt ${text},
        claimed_at_ms ${integer} NOT NULL,
        PRIMARY KEY (device_id, idempotency_key, scope),
        UNIQUE (device_id, request_id)
      ) ${keyedTable}`,
      'CREATE INDEX pusher_request_keys_by_time ON pusher_request_keys (claimed_at_ms)',
    ],
    [`ALTER TABLE pusher_request_keys ADD COLUMN leased_until_ms ${integer} NOT NULL DEFAULT 0`],
  ];
}
