import { randomUUID } from 'node:crypto';
import { type ConsumedRecord, createRateLimitedLog, guardLogger, silentLogger } from '@preservarium/backend';
import { createFeed, createSemaphore, type Feed, startSlice } from '@preservarium/concurrency';
import { assertCounts, ClosedError, QueueFullError } from '@preservarium/core';
import { eventBytes } from './content-bytes.js';
import type { EventLog, EventLogOptions, LoggedEvent } from './event-log.js';
import { formatPosition, parsePosition } from './event-position.js';
import { readOldEvents, toEventRecord } from './read-old-events.js';
import { createRecentEvents } from './recent-events.js';

const eventsAtOnce = 100;
const maxUnreadBytes = 64 * 1024 * 1024;

/**
 * Starts to read the topic of events, once for all readers. Resolves when it has subscribed.
 *
 * ```ts
 * const log = await createEventLog({ backend });
 * for await (const { event, position } of log.read({ after: lastPosition })) console.log(event, position);
 * ```
 *
 * @throws BackendUnavailableError, AuthenticationError, AuthorizationError, TopicUnknownError, ConfigurationError, ClosedError
 */
export async function createEventLog(settings: EventLogOptions): Promise<EventLog> {
  const { backend, eventsTopic: topic = 'device_command_events', limits = {} } = settings;
  const { maxRecent = 10_000, maxUnread = 1_000, maxCatchingUp = 8 } = limits;
  assertCounts({
    'limits.maxRecent': maxRecent,
    'limits.maxUnread': maxUnread,
    'limits.maxCatchingUp': maxCatchingUp,
  });
  const warnings = createRateLimitedLog(guardLogger(settings.logger ?? silentLogger));
  const recent = createRecentEvents(maxRecent);
  const catchingUp = createSemaphore(maxCatchingUp);
  const readers = new Set<Feed<LoggedEvent>>();
  const closing = new AbortController();

  async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
    const slice = startSlice();
    for (const [index, given] of records.entries()) {
      // Kafka gives thousands of events at once: readers who keep up have no more unread ones than these.
      if ((index > 0 && index % eventsAtOnce === 0) || slice.isOver()) await slice.next();
      const record = toEventRecord(given);
      const { partition, offset } = record;
      if (record.event === undefined)
        warnings.warn('a lifecycle event cannot be read', { partition, offset });
      const logged = recent.add(record);
      if (logged !== undefined) for (const reader of readers) reader.push(logged);
    }
    const { partition, offset } = records.at(-1) as ConsumedRecord;
    (await subscribing).markProcessed({ topic, partition, nextOffset: offset + 1 });
  }

  function openReader(signal: AbortSignal): Feed<LoggedEvent> {
    const reader: Feed<LoggedEvent> = createFeed({
      maxUnread,
      maxUnreadBytes,
      sizeOf: ({ event }) => eventBytes(event),
      tooManyUnread(limit) {
        const reached = limit === 'maxUnread' ? `limits.maxUnread = ${maxUnread}` : `${maxUnreadBytes} bytes`;
        return new QueueFullError(
          `limit of unread lifecycle events reached (${reached}): read on after the last position, and faster`,
        );
      },
      signal,
      onEnd: () => readers.delete(reader),
    });
    if (!signal.aborted) readers.add(reader);
    return reader;
  }

  async function* read({ after, signal: own }: Parameters<EventLog['read']>[0] = {}) {
    const signal = AbortSignal.any([closing.signal, ...(own ? [own] : [])]);
    const nextOffsets = after === undefined ? undefined : yield* catchUp(after, signal);
    // From here to the reader nothing is awaited: no event comes in between.
    const known = nextOffsets === undefined ? [] : recent.from(nextOffsets);
    const live = openReader(signal);
    try {
      for (const logged of known) {
        if (signal.aborted) return;
        yield logged;
      }
      yield* live.reader;
    } finally {
      live.end();
    }
  }

  /** Gives the events after a position that are not kept in memory, and returns where those in memory go on. */
  async function* catchUp(after: string, signal: AbortSignal) {
    const position = parsePosition(after);
    const nextOffsets = new Map(position.nextOffsets);
    if (recent.has(nextOffsets)) return nextOffsets;
    await catchingUp.acquire();
    const onBegin = (partition: number, offset: number) =>
      void nextOffsets.set(partition, Math.max(offset, nextOffsets.get(partition) ?? 0));
    try {
      while (!signal.aborted && !recent.has(nextOffsets)) yield* readUntilRecent();
    } finally {
      catchingUp.release();
    }
    return nextOffsets;

    async function* readUntilRecent() {
      for await (const records of readOldEvents({ backend, topic, position, onBegin, signal })) {
        for (const { partition, offset, timestampMs, event } of records) {
          if (offset < (nextOffsets.get(partition) ?? 0)) continue;
          nextOffsets.set(partition, offset + 1);
          if (event !== undefined)
            yield { event, position: formatPosition({ writtenAtMs: timestampMs, nextOffsets }) };
        }
        if (recent.has(nextOffsets)) return;
      }
    }
  }

  const subscribing = backend.subscribe({
    topics: [topic],
    groupId: `pusher_event_log_${randomUUID()}`,
    from: 'end',
    onAssigned(partitions) {
      for (const { partition, nextOffset, isNewTopic } of partitions)
        recent.begin(partition, nextOffset, isNewTopic);
    },
    onRecords,
  });
  const subscription = await subscribing;
  subscription.closed.catch((error: unknown) => {
    for (const reader of readers) reader.end(error);
  });

  const log: EventLog = {
    read,
    closed: subscription.closed,
    close({ timeoutMs = 10_000 } = {}) {
      closing.abort(new ClosedError('the event log'));
      return subscription.close({ timeoutMs });
    },
    [Symbol.asyncDispose]: () => log.close(),
  };
  return log;
}
