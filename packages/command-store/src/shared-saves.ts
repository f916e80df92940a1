import { setTimeout as pause } from 'node:timers/promises';
import type { LifecycleEvent } from '@preservarium/core';
import type { FeedPosition } from './command-store.js';

/** A transaction's size: large ones are cheaper, small ones hold up others less. */
const maxEvents = 2_000;
/** Its size in bytes of records: SQLite blocks the thread of the program while it takes them. */
const maxBytes = 2 * 1024 * 1024;
/** After so many transactions in a hurry, more events are waited for: each costs as much as some tens of events. */
const maxHurried = 10;
const fewEvents = 200;
const fewBytes = 64 * 1024;
const pauseMs = 50;

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
  let hurried = 0;
  let endedAtMs = Number.NEGATIVE_INFINITY;

  async function runWaiting(): Promise<void> {
    while (waiting.length > 0) {
      hurried = performance.now() < endedAtMs + pauseMs ? hurried + 1 : 0;
      if (hurried > maxHurried && areFew()) await pause(pauseMs);
      await runTogether(takeSome());
      endedAtMs = performance.now();
    }
    isRunning = false;
  }

  function areFew(): boolean {
    const sum = (of: (save: Save) => number) => waiting.reduce((total, save) => total + of(save), 0);
    return sum(({ events }) => events.length) < fewEvents && sum(({ bytes }) => bytes) < fewBytes;
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

  async function runTogether(saves: readonly Save[]): Promise<void> {
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
