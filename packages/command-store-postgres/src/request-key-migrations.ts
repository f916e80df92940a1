import type { SqlMigrations } from '@preservarium/command-store/sql';

/** Never changed once released: another version is added behind. */
export const requestKeyMigrations: SqlMigrations = [
  [
    `CREATE TABLE pusher_request_keys (
      device_id text NOT NULL,
      idempotency_key text NOT NULL,
      scope text NOT NULL,
      fingerprint text NOT NULL,
      request_id text NOT NULL,
      receipt text,
      claimed_at_ms bigint NOT NULL,
      PRIMARY KEY (device_id, idempotency_key, scope),
      UNIQUE (device_id, request_id)
    )`,
    'CREATE INDEX pusher_request_keys_by_time ON pusher_request_keys (claimed_at_ms)',
  ],
];
