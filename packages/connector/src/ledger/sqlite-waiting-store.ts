import type { DatabaseSync } from 'node:sqlite';
import { createAwayDevices } from './away-devices.js';
import {
  createSqliteWaitingCommands,
  type KeptPartition,
  type SqliteWaitingCommands,
} from './sqlite-waiting-commands.js';
import type { WaitingStore } from './waiting-store.js';

/** How long a transaction stays open: its pages are written once, however many batches of records change them. */
const commitIntervalMs = 200;

export interface SqliteWaitingStoreOptions {
  /** Returns the database; not called before the first command waits. */
  database(): DatabaseSync;
  /** The content of the database for each partition. */
  readonly kept: ReadonlyMap<number, KeptPartition>;
  /** How many devices the database knows to be away. */
  readonly keptAway: number;
  isFull(waiting: number): boolean;
  /** A transaction cannot be committed. */
  onFailed(error: unknown): void;
  /** Closes the database. */
  onClose(failure: unknown): void;
}

/**
 * A store in tables of SQLite. All that is written within `commitIntervalMs` is one transaction: so a checkpoint and what it speaks
 * of are durable together.
 */
export function createSqliteWaitingStore(options: SqliteWaitingStoreOptions): WaitingStore {
  const { database } = options;
  const partitions = new Map<number, SqliteWaitingCommands>();
  let committing: NodeJS.Timeout | undefined;

  function beginWrite(): void {
    if (committing !== undefined) return;
    database().exec('begin');
    committing = setTimeout(() => {
      try {
        commit();
      } catch (error) {
        options.onFailed(error);
      }
    }, commitIntervalMs);
  }

  function commit(): void {
    if (committing === undefined) return;
    clearTimeout(committing);
    committing = undefined;
    for (const commands of partitions.values()) commands.writeCheckpoint();
    database().exec('commit');
  }

  return {
    away: createAwayDevices({ database, kept: options.keptAway, beginWrite }),
    of(partition) {
      let commands = partitions.get(partition);
      if (commands === undefined) {
        const kept = options.kept.get(partition);
        commands = createSqliteWaitingCommands({ partition, kept, database, beginWrite });
        partitions.set(partition, commands);
      }
      return commands;
    },
    isFull: options.isFull,
    close(failure) {
      try {
        commit();
      } finally {
        options.onClose(failure);
      }
    },
  };
}
