import { randomUUID } from 'node:crypto';
import type { ConsumedRecord, StartFrom, SubscriberBackend } from '@preservarium/backend';
import { startSlice } from '@preservarium/concurrency';
import { ClosedError, decodeLifecycleEvent } from '@preservarium/core';
import type { EventPosition } from './event-position.js';
import type { EventRecord } from './recent-events.js';

/** Clocks of the writers may differ, and a partition may be behind another one. */
const marginMs = 10 * 60_000;

export interface OldEventsOptions {
  readonly backend: SubscriberBackend;
  readonly topic: string;
  readonly position: EventPosition;
  /** Called with where a partition begins: events before are not in Kafka any more. */
  onBegin(partition: number, offset: number): void;
  readonly signal: AbortSignal;
}

/** Iterates over the records of the topic of events after a position, as fast as they are taken. Records before it may come too. */
export async function* readOldEvents(
  options: OldEventsOptions,
): AsyncGenerator<readonly EventRecord[], void> {
  const lastMs = Math.max(0, Date.now() - options.position.writtenAtMs) + marginMs;
  const isWhole = yield* readFrom({ lastMs }, options);
  if (!isWhole) yield* readFrom('beginning', options);
}

/** Returns false at once where the start leaves out records after the position. */
async function* readFrom(
  from: StartFrom,
  { backend, topic, position, onBegin, signal }: OldEventsOptions,
): AsyncGenerator<readonly EventRecord[], boolean> {
  const batches: { records: readonly EventRecord[]; taken(): void }[] = [];
  let arrived = Promise.withResolvers<void>();
  let leavesOut = false;
  let ended = false;
  const end = () => {
    ended = true;
    for (const { taken } of batches) taken();
    arrived.resolve();
  };
  signal.addEventListener('abort', end);
  const subscription = await backend.subscribe({
    topics: [topic],
    groupId: `pusher_event_log_${randomUUID()}`,
    from,
    onAssigned(partitions) {
      for (const { partition, nextOffset, skippedRecords } of partitions) {
        if (skippedRecords > 0 && nextOffset > (position.nextOffsets.get(partition) ?? 0)) leavesOut = true;
        else onBegin(partition, nextOffset);
      }
      arrived.resolve();
    },
    async onRecords(given) {
      const records: EventRecord[] = [];
      const slice = startSlice();
      for (const record of given) {
        if (slice.isOver()) await slice.next();
        records.push(toEventRecord(record));
      }
      if (ended) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      batches.push({ records, taken: resolve });
      arrived.resolve();
      await promise;
    },
    onCaughtUp({ partition, nextOffset }) {
      onBegin(partition, nextOffset);
      arrived.resolve();
    },
  });
  const failed = subscription.closed.then(() => {
    if (!ended) throw new ClosedError('the backend');
  });
  failed.catch(() => {});
  try {
    for (;;) {
      if (leavesOut) return false;
      if (ended) return true;
      const batch = batches.shift();
      yield batch?.records ?? [];
      batch?.taken();
      if (batches.length > 0) continue;
      await Promise.race([arrived.promise, failed]);
      arrived = Promise.withResolvers();
    }
  } finally {
    signal.removeEventListener('abort', end);
    end();
    // The reader does not wait for it: meanwhile new events would go by.
    subscription.close({ timeoutMs: 5_000 }).catch(() => {});
  }
}

export function toEventRecord({ partition, offset, timestampMs, value }: ConsumedRecord): EventRecord {
  const decoded = decodeLifecycleEvent(value);
  const event = decoded.ok ? decoded.event : undefined;
  return { partition, offset, timestampMs, event, bytes: value?.length ?? 0 };
}
