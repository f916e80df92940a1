import { chmodSync, mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { countAway } from './away-devices.js';
import { loadSqlite } from './load-sqlite.js';
import type { KeptPartition } from './sqlite-waiting-commands.js';
import { createSqliteWaitingStore } from './sqlite-waiting-store.js';
import type { WaitingStore } from './waiting-store.js';
import { partitionTable, tablesVersion } from './waiting-tables.js';

/** Free space on the disk below which no more commands are taken, in bytes. */
const reservedBytes = 64 * 1024 * 1024;
const measureIntervalMs = 100;
const fileName = 'waiting.db';
/** SQLite's numbers of errors. */
const [busy, corrupt, notADatabase] = [5, 11, 26];

export interface OpenWaitingStoreOptions {
  /** Undefined: the store is in memory. */
  readonly stateDir: string | undefined;
  /** The content depends on it: a file with another identity is made anew. */
  readonly identity: string;
  /** Of a store in memory. */
  readonly maxWaiting: number;
  /** Of a store in a file. */
  readonly maxStoreBytes: number;
  readonly logger: Logger;
  onFailed(error: unknown): void;
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

function openInMemory({ maxWaiting, onFailed }: OpenWaitingStoreOptions): WaitingStore {
  let database: DatabaseSync | undefined;

  function create(): DatabaseSync {
    const { DatabaseSync } = loadSqlite();
    const created = new DatabaseSync(':memory:');
    // Nothing is ever rolled back.
    created.exec(`pragma journal_mode = off; ${partitionTable};`);
    return created;
  }

  return createSqliteWaitingStore({
    database() {
      database ??= create();
      return database;
    },
    kept: new Map(),
    keptAway: 0,
    isFull: (waiting) => waiting >= maxWaiting,
    onFailed,
    onClose: () => database?.close(),
  });
}

function openInFile(stateDir: string, options: OpenWaitingStoreOptions): WaitingStore {
  const path = join(stateDir, fileName);
  const database = openFile(stateDir, path, options);
  return createSqliteWaitingStore({
    database: () => database,
    kept: readKept(database),
    keptAway: countAway(database),
    isFull: createMeter(database, stateDir, options),
    onFailed: options.onFailed,
    onClose(failure) {
      database.close();
      if (isDamaged(failure)) removeFiles(path);
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
    logger.info({ path }, 'the store is of other topics or limits: it is read from the changelog again');
  } catch (error) {
    if (!isDamaged(error)) throw error;
    logger.warn({ err: error, path }, 'the store is damaged: it is read from the changelog again');
  }
  removeFiles(path);
  return createDatabase(path, identity) as DatabaseSync;
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

/** Returns undefined where the file has another identity. */
function createDatabase(path: string, identity: string): DatabaseSync | undefined {
  const { DatabaseSync } = loadSqlite();
  const database = new DatabaseSync(path);
  try {
    // Exclusive: another process must not write to it, and there is no shared memory in a file.
    database.exec(`
      pragma locking_mode = exclusive;
      pragma journal_mode = wal;
      pragma synchronous = normal;
      pragma cache_size = -32768;
      begin immediate;
      create table if not exists identity (content text not null);
    `);
    chmodSync(path, 0o600);
    const content = `${tablesVersion} ${identity}`;
    const found = database.prepare('select content from identity').get() as { content: string } | undefined;
    if (found === undefined) {
      database.exec(partitionTable);
      database.prepare('insert into identity values (?)').run(content);
    } else if (found.content !== content) {
      database.close();
      return undefined;
    }
    database.exec('commit');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function readKept(database: DatabaseSync): ReadonlyMap<number, KeptPartition> {
  const rows = database.prepare('select id, commands, checkpoint from partition').all() as unknown as {
    id: number;
    commands: number;
    checkpoint: string | null;
  }[];
  return new Map(
    rows.map(({ id, commands, checkpoint }) => [id, { commands, checkpoint: checkpoint ?? undefined }]),
  );
}

function createMeter(
  database: DatabaseSync,
  stateDir: string,
  { maxStoreBytes, logger }: OpenWaitingStoreOptions,
): () => boolean {
  const pages = database.prepare(
    `select (page_count - freelist_count) * page_size as bytes
      from pragma_page_count, pragma_freelist_count, pragma_page_size`,
  );
  let measuredAtMs = Number.NEGATIVE_INFINITY;
  let isFull = false;

  return () => {
    if (performance.now() - measuredAtMs < measureIntervalMs) return isFull;
    measuredAtMs = performance.now();
    const { bytes } = pages.get() as { bytes: number };
    const { bavail, bsize } = statfsSync(stateDir);
    const freeBytes = bavail * bsize;
    const wasFull = isFull;
    isFull = bytes >= maxStoreBytes || freeBytes < reservedBytes;
    if (isFull && !wasFull) {
      logger.warn(
        { stateDir, bytes, maxStoreBytes, freeBytes },
        'the store is full: commands stay in their topic until others end; raise CONNECTOR_MAX_STORE_BYTES, or free space on the disk',
      );
    }
    return isFull;
  };
}

function sqliteCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { readonly errcode?: number };
  // The lower byte is the kind of error.
  return errcode === undefined ? undefined : errcode & 0xff;
}

function isOfFile(error: unknown): boolean {
  const { syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return syscall === 'mkdir' || syscall === 'chmod' || syscall === 'statfs';
}

function isDamaged(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === corrupt || code === notADatabase;
}

/** Returns an error of the store, or of its directory, as one that names the variable; any other error as it is. */
export function describeStoreError(error: unknown, stateDir: string | undefined): unknown {
  const isOfStore = sqliteCode(error) !== undefined || isOfFile(error);
  if (!isOfStore || stateDir === undefined) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const cause = { cause: error };
  if (sqliteCode(error) === busy) {
    return new ConfigurationError(
      `stateDir (CONNECTOR_STATE_DIR): another process uses ${stateDir}: give each connector a directory of its own`,
      cause,
    );
  }
  return new ConfigurationError(
    `stateDir (CONNECTOR_STATE_DIR): the store in ${stateDir} cannot be used (${reason}): give a directory that the connector may write to, on a disk with free space`,
    cause,
  );
}
