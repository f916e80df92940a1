import type { DatabaseSync } from 'node:sqlite';
import type { DiskGuard } from './disk-guard.js';
import { dropTablesOf } from './waiting-tables.js';

const sweepIntervalMs = 60_000;
/** Rows that are deleted in one turn of the event loop, and the pause before the next ones. */
const sliceRows = 200;
const slicePauseMs = 10;

export interface LeftPartitionsOptions {
  readonly database: () => DatabaseSync;
  readonly guard: DiskGuard;
  /** How long rows are kept for a partition that may come back. */
  readonly keepMs: number;
  /** Those that have rows at the start. */
  readonly found: Iterable<number>;
  /** Called before each write. */
  beginWrite(): void;
  /** The rows of the partition do not count any more. */
  onForget(partition: number): void;
  /** The database has nothing of the partition any more. */
  onForgotten(partition: number): void;
  onFailed(error: unknown): void;
}

/** The partitions of which a store has rows, and which the connector does not own. Their rows are a cache for when they come back, and are dropped after a while. */
export interface LeftPartitions {
  add(partition: number): void;
  /** The partition has come back; its rows count, unless they are being dropped. */
  remove(partition: number): void;
  /** Those whose rows are kept, or are not all dropped yet. */
  all(): number[];
  /** Drops the rows of all of them from now on. */
  forgetAll(): void;
  stop(): void;
}

export function createLeftPartitions(options: LeftPartitionsOptions): LeftPartitions {
  const { database, guard, keepMs, beginWrite } = options;
  const leftAtMs = new Map<number, number>();
  const forgetting = new Set<number>();
  let next: NodeJS.Timeout | undefined;
  const sweeping = setInterval(sweep, Math.min(sweepIntervalMs, keepMs || 1)).unref();
  for (const partition of options.found) leftAtMs.set(partition, performance.now());

  function sweep(): void {
    const beforeMs = performance.now() - keepMs;
    for (const [partition, atMs] of leftAtMs) if (atMs <= beforeMs) forget(partition);
  }

  /** First the checkpoint: rows without one are made anew, by another process, too. */
  function forget(partition: number): void {
    leftAtMs.delete(partition);
    forgetting.add(partition);
    options.onForget(partition);
    attempt(() => database().prepare('update partition set checkpoint = null where id = ?').run(partition));
    next ??= setTimeout(dropSlice, slicePauseMs);
  }

  /** Dropping a large table at once would stop the event loop. */
  function dropSlice(): void {
    next = undefined;
    const [partition] = forgetting;
    if (partition === undefined || guard.isOver) return;
    attempt(() => {
      const table = `command_${partition}`;
      const { changes } = database()
        .prepare(`delete from ${table} where offset in (select offset from ${table} limit ${sliceRows})`)
        .run();
      if (changes < sliceRows) finish(partition);
    });
    if (forgetting.size > 0) next = setTimeout(dropSlice, slicePauseMs);
  }

  function finish(partition: number): void {
    database().exec(dropTablesOf(partition));
    database().prepare('delete from partition where id = ?').run(partition);
    forgetting.delete(partition);
    options.onForgotten(partition);
  }

  function attempt(work: () => unknown): void {
    if (guard.isOver) return;
    try {
      beginWrite();
      work();
    } catch (error) {
      try {
        guard.failed(error);
      } catch {
        options.onFailed(error);
      }
    }
  }

  return {
    add: (partition) => leftAtMs.set(partition, performance.now()),
    remove(partition) {
      leftAtMs.delete(partition);
      forgetting.delete(partition);
    },
    all: () => [...leftAtMs.keys(), ...forgetting],
    forgetAll() {
      for (const partition of leftAtMs.keys()) forget(partition);
    },
    stop() {
      clearInterval(sweeping);
      clearTimeout(next);
    },
  };
}
