import type { SqlMigrations } from '@preservarium/command-store/sql';

/** Never changed once released: another version is added behind. */
export const requestKeyMigrations: SqlMigrations = [
  [
    `CREATE TABLE pusher_request_keys (
      device_id TEXT NOT NULL,
      idempotency_key TEXT NOT NULL,
      scope TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      request_id TEXT NOT NULL,
      receipt TEXT,
      claimed_at_ms INTEGER NOT NULL,
      PRIMARY KEY (device_id, idempotency_key, scope),
      UNIQUE (device_id, request_id)
    ) STRICT, WITHOUT ROWID`,
    'CREATE INDEX pusher_request_keys_by_time ON pusher_request_keys (claimed_at_ms)',
  ],
];
