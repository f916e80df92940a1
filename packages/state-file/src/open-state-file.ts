import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '@preservarium/backend';
import { loadSqlite } from './load-sqlite.js';
import { describeStateError, isDamaged, isDiskFull } from './state-errors.js';

/** The content of a file that no start trusts. */
const mixed = 'mixed';

export interface StateFileOptions {
  /** Is made where it is missing, for its user alone. */
  readonly stateDir: string;
  readonly fileName: string;
  /**
   * Names all that the rows depend on, such as topics, limits and the version of the tables: a file of another content is made anew. Undefined where that is
   * not known: then each start makes it anew.
   */
  readonly content: string | undefined;
  /** Memory for pages of the file, in KiB. */
  readonly cacheKib: number;
  readonly logger: Logger;
  /** Log messages that tell the reader where the rows come from then. */
  readonly messages: {
    /** The file has another content, or may have lost writes. */
    readonly anew: string;
    readonly damaged: string;
  };
  /** Makes the tables of a new file, within a transaction. */
  create(database: DatabaseSync): void;
  /** Reads what the process needs at once, so that damage shows at the opening. */
  check(database: DatabaseSync): void;
}

/** A SQLite file of one process, which another source can replace at any time. */
export interface StateFile {
  readonly database: DatabaseSync;
  /** Returns the size of the rows and their indexes, in bytes; pages that are free for new rows do not count. */
  usedBytes(): number;
  /** Marks the file, within the caller's transaction, as one that no later start trusts: its rows no longer depend on one content alone. */
  noteMixed(): void;
  /**
   * Closes the file, after the disk has all writes. A damaged file is removed, so that the next start makes it anew.
   *
   * @param failure why the file is closed; after it nothing is written any more
   */
  close(failure?: unknown): void;
}

/**
 * Opens a file of state, which no other process can open meanwhile. A file that is damaged, has another content, or was open when the machine stopped is made
 * anew.
 *
 * @throws ConfigurationError where the directory or the file cannot be used, or another process uses it
 */
export function openStateFile(options: StateFileOptions): StateFile {
  const { stateDir, fileName, content, logger, messages } = options;
  const path = join(stateDir, fileName);

  function openOrCreate(): DatabaseSync {
    try {
      const database = openTrusted(path, content, options);
      if (database !== undefined) return database;
      logger.info({ path }, messages.anew);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      dropDamaged(error);
    }
    removeFiles(path);
    return openTrusted(path, content, options) as DatabaseSync;
  }

  function dropDamaged(error: unknown): void {
    logger.warn({ err: error, path }, messages.damaged);
    removeFiles(path);
  }

  function openDescribed(): DatabaseSync {
    try {
      mkdirSync(stateDir, { recursive: true, mode: 0o700 });
      return openOrCreate();
    } catch (error) {
      throw describeStateError(error, stateDir);
    }
  }

  const database = openDescribed();
  const mix = database.prepare(`update identity set content = '${mixed}'`);
  const used = database.prepare(
    `select (page_count - freelist_count) * page_size as bytes
      from pragma_page_count, pragma_freelist_count, pragma_page_size`,
  );

  return {
    database,
    usedBytes: () => (used.get() as { readonly bytes: number }).bytes,
    noteMixed() {
      mix.run();
    },
    close(failure) {
      let damage = failure;
      try {
        if (failure === undefined) closeWritten(database);
        else database.close();
      } catch (error) {
        if (!isDamaged(error)) throw error;
        damage = error;
      }
      if (isDamaged(damage)) dropDamaged(damage);
    },
  };
}

/** Returns undefined where the file has another content, or may have lost writes. */
function openTrusted(
  path: string,
  content: string | undefined,
  { cacheKib, create, check }: StateFileOptions,
): DatabaseSync | undefined {
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
      pragma cache_size = -${cacheKib};
      begin immediate;
      create table if not exists identity (content text not null, written_in text);
    `);
    const boot = bootId();
    const found = database.prepare('select content, written_in from identity').get();
    if (found === undefined) {
      create(database);
      database.prepare('insert into identity values (?, ?)').run(content ?? mixed, boot);
    } else if (found.content !== content || (found.written_in ?? boot) !== boot) {
      database.close();
      return undefined;
    } else database.prepare('update identity set written_in = ?').run(boot);
    database.exec('commit');
    check(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Writes of a process that ends are in the file, however it ends. Those of a machine that ends may be lost, in any order: so a file is made anew that was not
 * closed since the machine started. Where that is not known, each process counts as a start.
 */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return randomUUID();
  }
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}

/** Waits for the disk, so that the file is good for a later start of the machine. */
function closeWritten(database: DatabaseSync): void {
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
