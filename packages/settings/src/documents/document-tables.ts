import type { DatabaseSync } from 'node:sqlite';
import type { Side } from './document-store.js';

/** Raised with each change of the tables, or of what the records of the topics mean: a file of another version is made anew. */
export const tablesVersion = 1;

/** A document is at twice the number of its device if it is desired, and beside that if it is reported. */
const documentTables = `
  create table device (
    number integer primary key,
    id text not null unique,
    has_desired integer not null default 0,
    is_out_of_sync integer not null default 0,
    is_whole integer not null
  );
  create index device_out_of_sync on device (is_out_of_sync) where is_out_of_sync = 1;
  create index device_reported_only on device (has_desired) where has_desired = 0;
  create table document (
    place integer primary key,
    version integer not null,
    is_doubtful integer not null,
    content blob not null
  );
  create table void_device (
    side text not null,
    device text not null,
    request_id text,
    is_refused integer not null,
    primary key (side, device)
  ) without rowid;
  create table position (
    topic text not null,
    partition integer not null,
    start_offset integer not null,
    last_offset integer not null,
    timestamp_ms integer not null,
    primary key (topic, partition)
  ) without rowid;
  create table state (forgotten_desired integer not null, forgotten_reported integer not null, current_at_ms integer);
  insert into state values (0, 0, null);
`;

const names = ['device', 'document', 'void_device', 'position', 'state'] as const;

export interface DocumentCounts {
  size: number;
  /** As many devices as end void, or more. */
  voids: number;
  forgotten: Readonly<Record<Side, number>>;
}

/** Makes the tables, which are empty. */
export function makeDocumentTables(database: DatabaseSync): void {
  database.exec(documentTables);
}

/** Returns the statements on the tables. */
export function createDocumentTables(database: DatabaseSync) {
  const size = database.prepare('select count(*) as count from device');
  const voidCount = database.prepare('select count(*) as count from void_device');
  const state = database.prepare('select forgotten_desired, forgotten_reported from state');

  return {
    find: database.prepare(`
      select number, is_whole,
        desired.version as desired_version, desired.is_doubtful as desired_doubtful, desired.content as desired_content,
        reported.version as reported_version, reported.is_doubtful as reported_doubtful, reported.content as reported_content
      from device
        left join document desired on desired.place = 2 * number
        left join document reported on reported.place = 2 * number + 1
      where id = ?
    `),
    add: database.prepare('insert into device (id, is_whole) values (?, ?)'),
    remove: database.prepare('delete from device where number = ?'),
    mark: database.prepare(`
      update device set has_desired = $has_desired, is_out_of_sync = $is_out_of_sync
      where number = $number and (has_desired <> $has_desired or is_out_of_sync <> $is_out_of_sync)
    `),
    setDocument: database.prepare('insert or replace into document values (?, ?, ?, ?)'),
    removeDocument: database.prepare('delete from document where place = ?'),
    all: database.prepare('select number, id from device where number > ? order by number limit ?'),
    outOfSync: database.prepare(
      'select number, id from device where is_out_of_sync = 1 and number > ? order by number limit ?',
    ),
    oldestReportedOnly: database.prepare(
      'select id from device where has_desired = 0 order by number limit 1',
    ),
    setForgotten: database.prepare('update state set forgotten_desired = ?, forgotten_reported = ?'),
    findVoid: database.prepare('select * from void_device where side = ? and device = ?'),
    setVoid: database.prepare('insert or replace into void_device values (?, ?, ?, ?)'),
    removeVoid: database.prepare('delete from void_device where side = ? and device = ?'),
    voids: database.prepare('select * from void_device where side = ?'),
    positions: database.prepare('select topic, partition from position'),
    position: database.prepare(
      'select start_offset, last_offset, timestamp_ms from position where topic = ? and partition = ?',
    ),
    setPosition: database.prepare('insert or replace into position values (?, ?, ?, ?, ?)'),
    current: database.prepare('select current_at_ms from state'),
    setCurrent: database.prepare('update state set current_at_ms = ?'),

    readCounts(): DocumentCounts {
      const { forgotten_desired, forgotten_reported } = state.get() as {
        readonly forgotten_desired: number;
        readonly forgotten_reported: number;
      };
      return {
        size: countOf(size.get()),
        voids: countOf(voidCount.get()),
        forgotten: { desired: forgotten_desired, reported: forgotten_reported },
      };
    },
    clear(): void {
      const isOwn = !database.isTransaction;
      if (isOwn) database.exec('begin');
      // Dropping gives the pages back at once.
      for (const name of names) database.exec(`drop table ${name}`);
      makeDocumentTables(database);
      if (isOwn) database.exec('commit');
    },
  };
}

function countOf(row: unknown): number {
  return (row as { readonly count: number }).count;
}
