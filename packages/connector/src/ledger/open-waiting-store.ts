import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '@preservarium/backend';
import { countAway } from './away-devices.js';
import { loadSqlite } from './load-sqlite.js';
import type { KeptPartition } from './sqlite-waiting-commands.js';
import { createSqliteWaitingStore, type StoreContent } from './sqlite-waiting-store.js';
import { describeStoreError, isDamaged, isDiskFull } from './store-errors.js';
import { createStoreMeter } from './store-meter.js';
import type { WaitingStore } from './waiting-store.js';
import { partitionTable, tablesVersion } from './waiting-tables.js';

const fileName = 'waiting.db';

export interface OpenWaitingStoreOptions {
  /** Undefined: the store is in memory. */
  readonly stateDir: string | undefined;
  /** The content depends on it: a file with another identity is made anew. */
  readonly identity: string;
  /** Of a store in memory. */
  readonly maxWaiting: number;
  /** Of a store in a file. */
  readonly maxStoreBytes: number;
  /** How long rows are kept of a partition that left. Default: an hour */
  readonly keepLeftMs?: number;
  readonly logger: Logger;
  onFailed(error: unknown): void;
  /** The disk is full: see `recover` of the store. */
  onDiskFull(error: unknown): void;
}

/**
 * Opens the store of a connector: `waiting.db` in its directory, which no other process can open meanwhile, or memory.
 *
 * @throws ConfigurationError where the directory cannot be used
 */
export function openWaitingStore(options: OpenWaitingStoreOptions): WaitingStore {
  const { stateDir } = options;
  return stateDir === undefined ? openInMemory(options) : openInFile(stateDir, options);
}

function openInMemory({ maxWaiting, ...options }: OpenWaitingStoreOptions): WaitingStore {
  let database: DatabaseSync | undefined;

  function create(): DatabaseSync {
    const { DatabaseSync } = loadSqlite();
    const created = new DatabaseSync(':memory:');
    // Nothing is ever rolled back.
    created.exec(`pragma journal_mode = off; ${partitionTable};`);
    return created;
  }

  return createSqliteWaitingStore({
    ...options,
    database() {
      database ??= create();
      return database;
    },
    content: () => ({ partitions: new Map(), away: 0 }),
    isFull: (waiting) => waiting >= maxWaiting,
    hasRoom: () => true,
    onClose: () => database?.close(),
  });
}

function openInFile(stateDir: string, options: OpenWaitingStoreOptions): WaitingStore {
  const path = join(stateDir, fileName);
  const database = openFile(stateDir, path, options);
  const isFull = createStoreMeter(database, stateDir, options);
  return createSqliteWaitingStore({
    ...options,
    database: () => database,
    content: () => readContent(database),
    isFull,
    hasRoom: () => !isFull() && takesWrites(database),
    onClose(failure) {
      let damage = failure;
      try {
        if (failure === undefined) closeFile(database);
        else database.close();
      } catch (error) {
        if (!isDamaged(error)) throw error;
        damage = error;
      }
      if (isDamaged(damage)) dropDamaged(path, damage, options.logger);
    },
  });
}

function openFile(
  stateDir: string,
  path: string,
  { identity, logger }: OpenWaitingStoreOptions,
): DatabaseSync {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    return openOrCreate(path, identity, logger);
  } catch (error) {
    throw describeStoreError(error, stateDir);
  }
}

function openOrCreate(path: string, identity: string, logger: Logger): DatabaseSync {
  try {
    const database = createDatabase(path, identity);
    if (database !== undefined) return database;
    logger.info(
      { path },
      'the store is of other topics or limits, or the machine stopped while it was open: it is read from the changelog again',
    );
  } catch (error) {
    if (!isDamaged(error)) throw error;
    dropDamaged(path, error, logger);
  }
  removeFiles(path);
  return createDatabase(path, identity) as DatabaseSync;
}

function dropDamaged(path: string, error: unknown, logger: Logger): void {
  logger.warn({ err: error, path }, 'the store is damaged: it is read from the changelog again');
  removeFiles(path);
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

/** Returns undefined where the file has another identity, or may have lost writes. */
function createDatabase(path: string, identity: string): DatabaseSync | undefined {
  const { DatabaseSync } = loadSqlite();
  // SQLite gives its other files the mode of this one.
  writeFileSync(path, '', { flag: 'a', mode: 0o600 });
  chmodSync(path, 0o600);
  const database = new DatabaseSync(path);
  try {
    // Exclusive: another process must not write to it, and there is no shared memory in a file. The disk is waited for at `close` alone.
    database.exec(`
      pragma locking_mode = exclusive;
      pragma journal_mode = wal;
      pragma synchronous = off;
      pragma cache_size = -32768;
      begin immediate;
      create table if not exists identity (content text not null, written_in text);
    `);
    const content = `${tablesVersion} ${identity}`;
    const boot = bootId();
    const found = database.prepare('select content, written_in from identity').get();
    if (found === undefined) {
      database.exec(partitionTable);
      database.prepare('insert into identity values (?, ?)').run(content, boot);
    } else if (found.content !== content || (found.written_in ?? boot) !== boot) {
      database.close();
      return undefined;
    } else database.prepare('update identity set written_in = ?').run(boot);
    database.exec('commit');
    // Damage shows where it is read.
    readContent(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Writes of a process that ends are in the file, however it ends. Those of a machine that ends may be lost, in any order: so a store is made anew that was not closed
 * since the machine started. Where that is not known, each process counts as a start.
 */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return randomUUID();
  }
}

/** As much is written to see if a full disk has room again. */
const probeBytes = 1024 * 1024;

function takesWrites(database: DatabaseSync): boolean {
  try {
    database.exec(`
      drop table if exists probe;
      create table probe (content blob);
      insert into probe values (zeroblob(${probeBytes}));
      drop table probe;
    `);
    return true;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    return false;
  }
}

/** Waits for the disk, so that the file is good for a later start of the machine. */
function closeFile(database: DatabaseSync): void {
  try {
    database.exec(`
      pragma synchronous = full;
      pragma wal_checkpoint(truncate);
      update identity set written_in = null;
    `);
  } catch (error) {
    // Without that mark, the file is good until the machine stops.
    if (!isDiskFull(error)) throw error;
  } finally {
    database.close();
  }
}

function readContent(database: DatabaseSync): StoreContent {
  return { partitions: readKept(database), away: countAway(database) };
}

function readKept(database: DatabaseSync): Map<number, KeptPartition> {
  const rows = database.prepare('select id, commands, checkpoint from partition').all() as unknown as {
    id: number;
    commands: number;
    checkpoint: string | null;
  }[];
  return new Map(
    rows.map(({ id, commands, checkpoint }) => [id, { commands, checkpoint: checkpoint ?? undefined }]),
  );
}
