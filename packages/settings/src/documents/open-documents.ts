import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '@preservarium/backend';
import type { DocumentStore } from './document-store.js';
import { createDocumentTables, makeDocumentTables, tablesVersion } from './document-tables.js';
import { loadSqlite } from './load-sqlite.js';
import { createMemoryDocuments } from './memory-documents.js';
import { createSqliteDocuments } from './sqlite-documents.js';
import { describeStoreError, isDamaged, isDiskFull } from './store-errors.js';

const fileName = 'settings.db';
const mixed = 'mixed';

export interface OpenDocumentsOptions {
  /** Undefined: the store is in memory. */
  readonly stateDir: string | undefined;
  /**
   * Returns a text on which the content depends: a file with another one is made anew. It may change while the store is open; then the next start makes the file
   * anew. Undefined where that is not known: then each start does.
   */
  identity(): string | undefined;
  readonly logger: Logger;
  /** The file cannot be used any longer, for another reason than a full disk. */
  onFailed(error: unknown): void;
}

/**
 * Opens the store of settings: `settings.db` in its directory, which no other process can open meanwhile, or memory.
 *
 * @throws ConfigurationError where the directory cannot be used
 */
export function openDocuments(options: OpenDocumentsOptions): DocumentStore {
  const { stateDir } = options;
  return stateDir === undefined ? createMemoryDocuments() : openInFile(stateDir, options);
}

function openInFile(stateDir: string, { identity, logger, onFailed }: OpenDocumentsOptions): DocumentStore {
  const path = join(stateDir, fileName);
  const content = contentOf(identity());
  const database = openFile(stateDir, path, content, logger);
  const mix = database.prepare(`update identity set content = '${mixed}'`);
  let damage: unknown;

  return createSqliteDocuments({
    database,
    beforeCommit() {
      if (contentOf(identity()) !== content) mix.run();
    },
    onClose() {
      if (!database.isOpen) return;
      try {
        if (damage === undefined) closeFile(database);
        else database.close();
      } catch (error) {
        if (!isDamaged(error)) throw error;
        damage = error;
      }
      if (damage !== undefined) dropDamaged(path, damage, logger);
    },
    onError(error) {
      if (isDamaged(error)) damage ??= error;
      const described = describeStoreError(error, stateDir);
      if (described !== error && !isDiskFull(error)) onFailed(described);
      return described;
    },
  });
}

function contentOf(identity: string | undefined): string | undefined {
  return identity === undefined ? undefined : `${tablesVersion} ${identity}`;
}

function openFile(stateDir: string, path: string, content: string | undefined, logger: Logger): DatabaseSync {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    return openOrCreate(path, content, logger);
  } catch (error) {
    throw describeStoreError(error, stateDir);
  }
}

function openOrCreate(path: string, content: string | undefined, logger: Logger): DatabaseSync {
  try {
    const database = createDatabase(path, content);
    if (database !== undefined) return database;
    logger.info(
      { path },
      'the file of settings is of other topics, keys or limits, or the machine stopped while it was open: all settings are read again',
    );
  } catch (error) {
    if (!isDamaged(error)) throw error;
    dropDamaged(path, error, logger);
  }
  removeFiles(path);
  return createDatabase(path, content) as DatabaseSync;
}

function dropDamaged(path: string, error: unknown, logger: Logger): void {
  logger.warn({ err: error, path }, 'the file of settings is damaged: all settings are read again');
  removeFiles(path);
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

/** Returns undefined where the file has another identity, or may have lost writes. */
function createDatabase(path: string, content: string | undefined): DatabaseSync | undefined {
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
      pragma cache_size = -8192;
      begin immediate;
      create table if not exists identity (content text not null, written_in text);
    `);
    const boot = bootId();
    const found = database.prepare('select content, written_in from identity').get();
    if (found === undefined) {
      makeDocumentTables(database);
      database.prepare('insert into identity values (?, ?)').run(content ?? mixed, boot);
    } else if (found.content !== content || (found.written_in ?? boot) !== boot) {
      database.close();
      return undefined;
    } else database.prepare('update identity set written_in = ?').run(boot);
    database.exec('commit');
    // Damage shows where it is read.
    createDocumentTables(database).readCounts();
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
