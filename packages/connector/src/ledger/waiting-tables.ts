/** Goes up with each change of the tables: a database of another version is made anew. */
export const tablesVersion = 6;

/** Which partitions have tables, with the number of their commands and the checkpoint of their ledgers; and what request ids are hashed with. */
export const partitionTable = `
  create table partition (id integer primary key, commands integer not null, checkpoint text);
  create table hashing (seed integer not null);
  insert into hashing values (random() & 0x7fffffff);
`;

/**
 * The tables of a partition: its own, so that a command is found by its offset alone, indexes name no partition, and a partition that is read anew is
 * dropped as a whole.
 *
 * `ended`: the command has ended, and the changelog does not say so yet. `known_started`: the attempts that the changelog knows of. `due_at_ms` is null
 * while a device is served. Devices are numbered, and request ids hashed, so that the
 * indexes stay small: an entry that comes between others moves a part of a page, and the text of an id would make up most of it.
 */
export function tablesOf(partition: number): string {
  const [command, device] = [`command_${partition}`, `device_${partition}`];
  return `
    create table ${device} (
      id integer primary key,
      channel text not null unique,
      due_at_ms real
    );
    create index ${device}_due on ${device} (due_at_ms);

    create table ${command} (
      offset integer primary key,
      changelog_offset integer not null,
      device integer not null,
      request_id text not null,
      request_hash integer not null,
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
      headers text not null
    );
    create index ${command}_pin on ${command} (changelog_offset);
    create index ${command}_turn on ${command} (device, rank);
    create index ${command}_request on ${command} (device, request_hash);
    create index ${command}_supersede on ${command} (device, supersede_key) where supersede_key is not null;
    create index ${command}_deadline on ${command} (deadline_ms);
    create index ${command}_attempted on ${command} (offset) where started <> known_started;
    create index ${command}_ended on ${command} (ended) where ended = 1;
  `;
}

export function dropTablesOf(partition: number): string {
  return `drop table if exists command_${partition}; drop table if exists device_${partition};`;
}
