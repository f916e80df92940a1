import type { DatabaseSync } from 'node:sqlite';
import { createSqliteWaitingCommands, type SqliteWaitingCommands } from './sqlite-waiting-commands.js';
import type { WaitingStore } from './waiting-store.js';

export interface SqliteWaitingStoreOptions {
  readonly database: DatabaseSync;
  isFull(waiting: number): boolean;
  /** The transaction of a turn cannot be committed. */
  onFailed(error: unknown): void;
  onClose(failure: unknown): void;
}

/**
 * A store in tables of SQLite. A transaction is open while a turn of the event loop writes, and ends with it: so a checkpoint and what it speaks
 * of are durable together, and one transaction serves a whole batch of records.
 */
export function createSqliteWaitingStore(options: SqliteWaitingStoreOptions): WaitingStore {
  const { database } = options;
  const partitions = new Map<number, SqliteWaitingCommands>();
  let committing: NodeJS.Immediate | undefined;

  function beginWrite(): void {
    if (committing !== undefined) return;
    database.exec('begin');
    committing = setImmediate(() => {
      try {
        commit();
      } catch (error) {
        options.onFailed(error);
      }
    });
  }

  function commit(): void {
    if (committing === undefined) return;
    clearImmediate(committing);
    committing = undefined;
    for (const commands of partitions.values()) commands.writeCheckpoint();
    database.exec('commit');
  }

  return {
    of(partition) {
      let commands = partitions.get(partition);
      if (commands === undefined) {
        commands = createSqliteWaitingCommands(database, partition, beginWrite);
        partitions.set(partition, commands);
      }
      return commands;
    },
    isFull: options.isFull,
    close(failure) {
      if (!database.isOpen) return;
      try {
        commit();
      } finally {
        database.close();
        options.onClose(failure);
      }
    },
  };
}
