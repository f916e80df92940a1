import { statSync } from 'node:fs';
import type { StatementSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import type { SqlDatabase, SqlDialect, SqlParameter, SqlQuery } from '@preservarium/command-store/sql';
import { startSlice } from '@preservarium/concurrency';
import { ClosedError, StoreFailedError, StoreUnavailableError } from '@preservarium/core';
import { loadSqlite } from '@preservarium/state-file';
import { toPusherError } from './to-pusher-error.js';

const dialect: SqlDialect = {
  text: 'TEXT',
  integer: 'INTEGER',
  table: 'STRICT',
  keyedTable: 'STRICT, WITHOUT ROWID',
  newId: 'lower(hex(randomblob(16)))',
  nowMs: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
};
/** The log is moved into the file at this length, 40 MiB; each time waits for the disk, and one batch of events may fill the default of 1,000 pages. */
const logPages = 10_000;
/** Pages that are kept in memory, 16 MiB: a batch of events changes a few pages for each, and those that do not fit are written twice. */
const cacheKib = 16 * 1024;
/** How long others may hold the file. */
const busyTimeoutMs = 10_000;
const busyPauseMs = 10;
/** Prepared statements that are kept. */
const maxStatements = 100;

export interface SqliteOptions {
  /**
   * The loss of power takes back no commit: each waits for the disk. Without it the last ones may be taken back, in their order; the end of the process
   * alone takes back none.
   */
  readonly survivesPowerLoss: boolean;
}

/** Opens the file, or makes it. Runs take turns: a transaction is on the whole connection. */
export function openDatabase(path: string, { survivesPowerLoss }: SqliteOptions): SqlDatabase {
  const { DatabaseSync } = loadSqlite();
  const connection = translated(() => new DatabaseSync(path));
  const openedFile = fileAt(path);
  const statements = new Map<string, StatementSync>();
  let isClosed = false;
  // With its log, who reads and who writes do not hold up one another.
  let turn: Promise<unknown> = untilFree(() =>
    execute(
      `PRAGMA journal_mode = WAL;
       PRAGMA wal_autocheckpoint = ${logPages};
       PRAGMA cache_size = -${cacheKib};
       PRAGMA synchronous = ${survivesPowerLoss ? 'FULL' : 'NORMAL'}`,
    ),
  );

  function translated<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      throw toPusherError(error, path);
    }
  }

  function execute(statement: string): void {
    translated(() => connection.exec(statement));
  }

  const query: SqlQuery = async (statement, parameters = []) => {
    const named: Record<string, SqlParameter> = {};
    for (const [index, value] of parameters.entries()) named[`$${index + 1}`] = value;
    return translated(() => prepared(statement).all(named));
  };

  /** Preparing a statement costs more than to run a short one. */
  function prepared(statement: string): StatementSync {
    const known = statements.get(statement);
    if (known !== undefined) return known;
    if (statements.size >= maxStatements) statements.clear();
    const made = connection.prepare(statement);
    statements.set(statement, made);
    return made;
  }

  /** Tries again while others hold the file. SQLite's own wait would block this process, and a part of it that holds the file. */
  async function untilFree<Result>(run: () => Result | Promise<Result>): Promise<Result> {
    const deadlineMs = performance.now() + busyTimeoutMs;
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (!StoreUnavailableError.isInstance(error) || performance.now() > deadlineMs) throw error;
      }
      await pause(busyPauseMs);
    }
  }

  function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = turn.then(() => {
      if (isClosed) throw new ClosedError('the command store');
      // SQLite would go on with a file that nobody else can see.
      if (fileAt(path) !== openedFile) {
        throw new StoreFailedError(
          `${path} was deleted or replaced while it was open; start again to read its events anew`,
        );
      }
      return run();
    });
    turn = result.catch(() => {});
    return result;
  }

  return {
    query: (statement, parameters) => inTurn(() => untilFree(() => query(statement, parameters))),
    transaction: (run) =>
      inTurn(async () => {
        await untilFree(() => execute('BEGIN IMMEDIATE'));
        try {
          const result = await run(query);
          execute('COMMIT');
          return result;
        } catch (error) {
          // Some errors have ended the transaction themselves.
          if (connection.isTransaction) execute('ROLLBACK');
          throw error;
        }
      }),
    selectFromJson(parameter, columns) {
      const fields = Object.keys(columns).map((name) => `value ->> '${name}' AS ${name}`);
      return `SELECT ${fields.join(', ')} FROM json_each(${parameter})`;
    },
    async insertAll(_query, { table, columns, onConflict }, rows) {
      const names = Object.keys(columns);
      // By their places, which is cheaper than by names.
      const values = names.map(() => '?').join(', ');
      const insert = translated(() =>
        prepared(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values}) ${onConflict}`),
      );
      const slice = startSlice();
      // Row by row: while a statement inserts several, SQLite first copies every page that it changes, to take back a part of them.
      for (const row of rows) {
        if (slice.isOver()) await slice.next();
        translated(() => insert.run(...names.map((name) => row[name] ?? null)));
      }
    },
    dialect,
    async close() {
      await turn.catch(() => {});
      if (!isClosed) connection.close();
      isClosed = true;
    },
  };
}

/** Returns the identity of the file itself, which another file at the path does not have; the same for no file at all. */
function fileAt(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return `${stats?.dev} ${stats?.ino}`;
}
