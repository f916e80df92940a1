import { setTimeout as pause } from 'node:timers/promises';
import type { LifecycleEvent } from '@preservarium/core';
import type { FeedPosition } from './command-store.js';

/** A transaction's size: large ones are cheaper, small ones hold up others less. */
const maxEvents = 2_000;
/** Its size in bytes of records: SQLite blocks the thread of the program while it takes them. */
const maxBytes = 2 * 1024 * 1024;
/** After so many transactions without a pause between them, more events are waited for: each costs as much as some tens of events. */
const maxHurried = 10;
const fewEvents = 200;
const pauseMs = 20;

/** Events of a partition, the bytes of their records, and how far it has been read with them. */
export interface PartitionEvents {
  readonly events: readonly LifecycleEvent[];
  readonly bytes: number;
  readonly position: FeedPosition;
}

interface Save extends PartitionEvents {
  resolve(isSaved: boolean): void;
  reject(error: unknown): void;
}

/** Saves events with the positions of their partitions; resolves with false where they are not saved and nothing is to be read any more. */
export type SaveAll = (
  events: readonly LifecycleEvent[],
  positions: readonly FeedPosition[],
) => Promise<boolean>;

/** Returns a function that saves the events of a partition. Calls that come during a transaction, or shortly after it, share the next one. */
export function shareSaves(saveAll: SaveAll): (save: PartitionEvents) => Promise<boolean> {
  const waiting: Save[] = [];
  let isRunning = false;

  async function runWaiting(): Promise<void> {
    for (let hurried = 1; waiting.length > 0; hurried++) {
      const eventCount = await runTogether(takeSome());
      if (hurried >= maxHurried && eventCount < fewEvents && waiting.length > 0) await pause(pauseMs);
    }
    isRunning = false;
  }

  function takeSome(): readonly Save[] {
    let [eventCount, byteCount] = [0, 0];
    const count = waiting.findIndex(({ events, bytes }) => {
      eventCount += events.length;
      byteCount += bytes;
      return eventCount > maxEvents || byteCount > maxBytes;
    });
    return waiting.splice(0, count === -1 ? waiting.length : Math.max(1, count));
  }

  /** Resolves with the number of events. */
  async function runTogether(saves: readonly Save[]): Promise<number> {
    const events = saves.flatMap((each) => each.events);
    try {
      const isSaved = await saveAll(
        events,
        saves.map(({ position }) => position),
      );
      for (const { resolve } of saves) resolve(isSaved);
    } catch (error) {
      for (const { reject } of saves) reject(error);
    }
    return events.length;
  }

  return (save) =>
    new Promise((resolve, reject) => {
      waiting.push({ ...save, resolve, reject });
      if (isRunning) return;
      isRunning = true;
      // Records of several partitions come at once: one transaction for all of them.
      queueMicrotask(() => void runWaiting());
    });
}
