import type { SqlMigrations } from '@preservarium/command-store/sql';

/** Never changed once released: another version is added behind. Request ids are compared by bytes, whatever the database's language. */
export const migrations: SqlMigrations = [
  [
    `CREATE TABLE pusher_commands (
      request_id text COLLATE "C" PRIMARY KEY,
      device_id text NOT NULL,
      command_type text,
      protocol text,
      state text NOT NULL,
      at_rest smallint NOT NULL,
      state_at_ms bigint NOT NULL,
      events text NOT NULL
    )`,
    'CREATE INDEX pusher_commands_by_time ON pusher_commands (state_at_ms, request_id)',
    'CREATE INDEX pusher_commands_by_device ON pusher_commands (device_id, state_at_ms, request_id)',
    'CREATE INDEX pusher_commands_by_state ON pusher_commands (state, state_at_ms, request_id)',
    'CREATE INDEX pusher_commands_by_rest ON pusher_commands (at_rest DESC, state_at_ms, request_id)',
    `CREATE TABLE pusher_forgotten_commands (
      request_id text COLLATE "C" PRIMARY KEY,
      forgotten_at_ms bigint NOT NULL
    )`,
    'CREATE INDEX pusher_forgotten_commands_by_time ON pusher_forgotten_commands (forgotten_at_ms)',
    `CREATE TABLE pusher_command_positions (
      topic text NOT NULL,
      partition integer NOT NULL,
      next_offset bigint NOT NULL,
      PRIMARY KEY (topic, partition)
    )`,
    'CREATE TABLE pusher_command_feed (feed_id text NOT NULL)',
    'INSERT INTO pusher_command_feed (feed_id) VALUES (gen_random_uuid()::text)',
  ],
];
