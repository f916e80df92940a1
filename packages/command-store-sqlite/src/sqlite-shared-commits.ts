import { setImmediate } from 'node:timers/promises';
import type { SqlDatabase, SqlParameter, SqlRow } from '@preservarium/command-store/sql';

interface WaitingStatement {
  readonly statement: string;
  readonly parameters: readonly SqlParameter[] | undefined;
  resolve(rows: readonly SqlRow[]): void;
  reject(error: unknown): void;
}

/** SQLite runs on the thread of the program: a transaction of so many statements blocks it for a few milliseconds. */
const maxStatements = 256;

/**
 * Returns the database with one commit for the statements that come while others run: each commit waits for the disk. When one of them fails, each runs
 * alone.
 */
export function withSharedCommits(database: SqlDatabase): SqlDatabase {
  const waiting: WaitingStatement[] = [];
  let isRunning = false;

  async function runWaiting(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      // A commit blocks this thread: requests that arrived meanwhile are all read before the next one.
      await setImmediate();
      await runTogether(waiting.splice(0, maxStatements));
    }
    isRunning = false;
  }

  async function runTogether(group: readonly WaitingStatement[]): Promise<void> {
    try {
      const results = await database.transaction(async (query) => {
        const rows: (readonly SqlRow[])[] = [];
        for (const { statement, parameters } of group) rows.push(await query(statement, parameters));
        return rows;
      });
      for (const [index, { resolve }] of group.entries()) resolve(results[index] ?? []);
    } catch {
      for (const { statement, parameters, resolve, reject } of group) {
        await database.query(statement, parameters).then(resolve, reject);
      }
    }
  }

  return {
    ...database,
    query: (statement, parameters) =>
      new Promise((resolve, reject) => {
        waiting.push({ statement, parameters, resolve, reject });
        if (!isRunning) void runWaiting();
      }),
  };
}
