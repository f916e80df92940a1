import type { DatabaseSync } from 'node:sqlite';
import { isDamaged } from '@preservarium/state-file';
import { createAwayDevices } from './away-devices.js';
import { createDiskGuard } from './disk-guard.js';
import { createLeftPartitions } from './left-partitions.js';
import { createSeenSignatures } from './seen-signatures.js';
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
  /** How long rows are kept of a partition that left. Default: an hour */
  readonly keepLeftMs?: number | undefined;
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
  readonly partitions: Map<number, KeptPartition>;
  /** How many devices are known to be away. */
  readonly away: number;
}

/**
 * A store in tables of SQLite. All that is written within `commitIntervalMs` is one transaction: so a checkpoint and what it speaks
 * of are durable together.
 */
export function createSqliteWaitingStore(options: SqliteWaitingStoreOptions): WaitingStore {
  const { database, keepLeftMs = 3_600_000, onFailed } = options;
  let content = open();
  let committing: NodeJS.Timeout | undefined;

  function open() {
    const kept = options.content();
    const guard = createDiskGuard(onDiskFull);
    const partitions = new Map<number, SqliteWaitingCommands>();
    const left = createLeftPartitions({
      database,
      guard,
      keepMs: keepLeftMs,
      found: [...kept.partitions].filter(([, { commands }]) => commands > 0).map(([partition]) => partition),
      beginWrite,
      onForget(partition) {
        partitions.delete(partition);
        kept.partitions.set(partition, { commands: 1, checkpoint: undefined });
      },
      onForgotten: (partition) => kept.partitions.delete(partition),
      onFailed,
    });
    return {
      kept,
      guard,
      partitions,
      left,
      away: createAwayDevices({ database, kept: kept.away, guard, beginWrite }),
      seen: createSeenSignatures({ database, guard, beginWrite }),
    };
  }

  function beginWrite(): void {
    if (committing !== undefined) return;
    database().exec('begin');
    committing = setTimeout(() => {
      try {
        commit();
      } catch (error) {
        onFailed(error);
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
    content.left.stop();
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
    seen: {
      take: (signature, maxDelayMs) => content.seen.take(signature, maxDelayMs),
      find: (signature) => content.seen.find(signature),
      takeFresh: (partition, limit) => content.seen.takeFresh(partition, limit),
      restore: (partition, signatures) => content.seen.restore(partition, signatures),
      processed: (partition, nextOffset) => content.seen.processed(partition, nextOffset),
    },
    of(partition) {
      const { partitions, kept, guard, left } = content;
      left.remove(partition);
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
    leave(partition) {
      const hasRows = content.partitions.get(partition)?.firstPin() !== undefined;
      if (hasRows) content.left.add(partition);
    },
    left: () => content.left.all(),
    isFull(waiting) {
      if (content.guard.isOver) return true;
      const isFull = options.isFull(waiting);
      if (isFull) content.left.forgetAll();
      return isFull;
    },
    recover() {
      if (!content.guard.isOver) return true;
      if (!options.hasRoom()) return false;
      content = open();
      return true;
    },
    close(given) {
      content.left.stop();
      let failure = given;
      try {
        commit();
      } catch (error) {
        // It is the failure, or follows from it.
        failure ??= error;
      }
      options.onClose(failure);
      if (failure !== given && !isDamaged(failure)) throw failure;
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
