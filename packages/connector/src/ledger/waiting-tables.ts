/** Goes up with each change of the tables: a database of another version is made anew. */
export const tablesVersion = 1;

/**
 * `ended`: the command has ended, and the changelog does not say so yet. `known_started`: the attempts that the changelog knows of. `due_at_ms` is null
 * while a device is served. Devices are numbered, so that the indexes stay small.
 */
export const tables = `
  create table partition (id integer primary key, checkpoint text not null);

  create table device (
    id integer primary key,
    partition integer not null,
    device_id text not null,
    due_at_ms real,
    unique (partition, device_id)
  );
  create index device_due on device (partition, due_at_ms);

  create table command (
    partition integer not null,
    offset integer not null,
    changelog_offset integer not null,
    device integer not null,
    request_id text not null,
    supersede_key text,
    rank integer not null,
    deadline_ms real not null,
    issued_at_ms real not null,
    is_redriven integer not null,
    superseded_by text,
    ended integer not null default 0,
    topic text not null,
    timestamp_ms integer not null,
    since_ms integer not null,
    started integer not null,
    answered integer not null,
    known_started integer not null,
    may_be_repeat integer not null,
    key blob,
    value blob,
    headers text not null,
    primary key (partition, offset)
  );
  create index command_pin on command (partition, changelog_offset);
  create index command_turn on command (device, rank, offset);
  create index command_request on command (device, request_id);
  create index command_supersede on command (device, supersede_key, offset) where supersede_key is not null;
  create index command_deadline on command (partition, deadline_ms);
  create index command_attempted on command (partition, offset) where started <> known_started;
  create index command_ended on command (partition) where ended = 1;
`;
