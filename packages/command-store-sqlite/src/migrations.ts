import type { SqlMigrations } from '@preservarium/command-store/sql';

/** Never changed once released: another version is added behind. */
export const migrations: SqlMigrations = [
  [
    `CREATE TABLE pusher_commands (
      request_id TEXT PRIMARY KEY,
      device_id TEXT NOT NULL,
      command_type TEXT,
      protocol TEXT,
      state TEXT NOT NULL,
      at_rest INTEGER NOT NULL,
      state_at_ms INTEGER NOT NULL,
      events TEXT NOT NULL
    ) STRICT`,
    'CREATE INDEX pusher_commands_by_time ON pusher_commands (state_at_ms, request_id)',
    'CREATE INDEX pusher_commands_by_device ON pusher_commands (device_id, state_at_ms, request_id)',
    'CREATE INDEX pusher_commands_by_state ON pusher_commands (state, state_at_ms, request_id)',
    'CREATE INDEX pusher_commands_by_rest ON pusher_commands (at_rest DESC, state_at_ms, request_id)',
    `CREATE TABLE pusher_forgotten_commands (
      request_id TEXT PRIMARY KEY,
      forgotten_at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
    'CREATE INDEX pusher_forgotten_commands_by_time ON pusher_forgotten_commands (forgotten_at_ms)',
    `CREATE TABLE pusher_command_positions (
      topic TEXT NOT NULL,
      partition INTEGER NOT NULL,
      next_offset INTEGER NOT NULL,
      PRIMARY KEY (topic, partition)
    ) STRICT, WITHOUT ROWID`,
    'CREATE TABLE pusher_command_feed (feed_id TEXT NOT NULL) STRICT',
    'INSERT INTO pusher_command_feed (feed_id) VALUES (lower(hex(randomblob(16))))',
  ],
  // A command is that of a device: until here a request id was taken to name one. The forgotten commands have no device, and are dropped.
  [
    `CREATE TABLE pusher_commands_of_devices (
      device_id TEXT NOT NULL,
      request_id TEXT NOT NULL,
      command_type TEXT,
      protocol TEXT,
      state TEXT NOT NULL,
      at_rest INTEGER NOT NULL,
      state_at_ms INTEGER NOT NULL,
      events TEXT NOT NULL,
      PRIMARY KEY (device_id, request_id)
    ) STRICT`,
    `INSERT INTO pusher_commands_of_devices
     SELECT device_id, request_id, command_type, protocol, state, at_rest, state_at_ms, events FROM pusher_commands`,
    'DROP TABLE pusher_commands',
    'ALTER TABLE pusher_commands_of_devices RENAME TO pusher_commands',
    'CREATE INDEX pusher_commands_by_request ON pusher_commands (request_id)',
    'CREATE INDEX pusher_commands_by_time ON pusher_commands (state_at_ms, request_id, device_id)',
    'CREATE INDEX pusher_commands_by_device ON pusher_commands (device_id, state_at_ms, request_id)',
    'CREATE INDEX pusher_commands_by_state ON pusher_commands (state, state_at_ms, request_id, device_id)',
    'CREATE INDEX pusher_commands_by_rest ON pusher_commands (at_rest DESC, state_at_ms, request_id, device_id)',
    'DROP TABLE pusher_forgotten_commands',
    `CREATE TABLE pusher_forgotten_commands (
      device_id TEXT NOT NULL,
      request_id TEXT NOT NULL,
      forgotten_at_ms INTEGER NOT NULL,
      PRIMARY KEY (device_id, request_id)
    ) STRICT, WITHOUT ROWID`,
    'CREATE INDEX pusher_forgotten_commands_by_time ON pusher_forgotten_commands (forgotten_at_ms)',
  ],
];
