import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '@preservarium/backend';
import { isDiskFull, loadSqlite, openStateFile } from '@preservarium/state-file';
import { countAway } from './away-devices.js';
import type { KeptPartition } from './sqlite-waiting-commands.js';
import { createSqliteWaitingStore, type StoreContent } from './sqlite-waiting-store.js';
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
  const { identity, logger } = options;
  const file = openStateFile({
    stateDir,
    fileName,
    content: `${tablesVersion} ${identity}`,
    cacheKib: 32_768,
    logger,
    messages: {
      anew: 'the store is of other topics or limits, or the machine stopped while it was open: it is read from the changelog again',
      damaged: 'the store is damaged: it is read from the changelog again',
    },
    create: (database) => database.exec(partitionTable),
    check: readContent,
  });
  const { database } = file;
  const isFull = createStoreMeter({ ...options, usedBytes: file.usedBytes, stateDir, fileName });
  return createSqliteWaitingStore({
    ...options,
    database: () => database,
    content: () => readContent(database),
    isFull,
    hasRoom: () => !isFull() && takesWrites(database),
    onClose: file.close,
  });
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
