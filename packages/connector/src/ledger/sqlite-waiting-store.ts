import type { DatabaseSync } from 'node:sqlite';
import { createAwayDevices } from './away-devices.js';
import { createDiskGuard } from './disk-guard.js';
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
  /** Returns what the database has. */
  content(): StoreContent;
  isFull(waiting: number): boolean;
  /** Returns true if the disk takes writes again. */
  hasRoom(): boolean;
  /** A transaction cannot be committed. */
  onFailed(error: unknown): void;
  /** The disk is full: nothing of the store holds any more until `recover` returns true. */
  onDiskFull(error: unknown): void;
  /** Closes the database. */
  onClose(failure: unknown): void;
}

export interface StoreContent {
  readonly partitions: ReadonlyMap<number, KeptPartition>;
  /** How many devices are known to be away. */
  readonly away: number;
}

/**
 * A store in tables of SQLite. All that is written within `commitIntervalMs` is one transaction: so a checkpoint and what it speaks
 * of are durable together.
 */
export function createSqliteWaitingStore(options: SqliteWaitingStoreOptions): WaitingStore {
  const { database } = options;
  let content = open();
  let committing: NodeJS.Timeout | undefined;

  function open() {
    const kept = options.content();
    const guard = createDiskGuard(onDiskFull);
    return {
      kept,
      guard,
      partitions: new Map<number, SqliteWaitingCommands>(),
      away: createAwayDevices({ database, kept: kept.away, guard, beginWrite }),
    };
  }

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
    try {
      for (const commands of content.partitions.values()) commands.writeCheckpoint();
      database().exec('commit');
    } catch (error) {
      content.guard.failed(error);
    }
  }

  function onDiskFull(error: unknown): void {
    clearTimeout(committing);
    committing = undefined;
    rollBack(database());
    options.onDiskFull(error);
  }

  return {
    away: {
      has: (deviceId) => content.away.has(deviceId),
      add: (deviceId) => content.away.add(deviceId),
      remove: (deviceId) => content.away.remove(deviceId),
      clear: () => content.away.clear(),
    },
    of(partition) {
      const { partitions, kept, guard } = content;
      let commands = partitions.get(partition);
      if (commands === undefined) {
        commands = createSqliteWaitingCommands({
          partition,
          kept: kept.partitions.get(partition),
          database,
          guard,
          beginWrite,
        });
        partitions.set(partition, commands);
      }
      return commands;
    },
    isFull: (waiting) => content.guard.isOver || options.isFull(waiting),
    recover() {
      if (!content.guard.isOver) return true;
      if (!options.hasRoom()) return false;
      content = open();
      return true;
    },
    close(failure) {
      try {
        commit();
      } finally {
        options.onClose(failure);
      }
    },
  };
}

function rollBack(database: DatabaseSync): void {
  try {
    database.exec('rollback');
  } catch {
    // SQLite has rolled back by itself.
  }
}
