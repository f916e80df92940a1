import { randomUUID } from 'node:crypto';
import {
  type ConsumedRecord,
  createRateLimitedLog,
  guardLogger,
  type Logger,
  type ProcessedPosition,
  type SubscriberBackend,
  type Subscription,
  silentLogger,
  type TopicAdmin,
} from '@preservarium/backend';
import { startSlice, withDeadline } from '@preservarium/concurrency';
import { assertCounts, assertDurations, ClosedError } from '@preservarium/core';
import type { DeviceTypeDirectory } from './capabilities.js';
import { readTypeRecord } from './type-record.js';

const closeTimeoutMs = 5_000;

export interface DeviceTypesFromTopicOptions {
  /** The Kafka client to read with; it may be that of a pusher service, and is not closed by the directory. */
  readonly backend: SubscriberBackend & Pick<TopicAdmin, 'offsets'>;
  /** A compacted topic: key is the device id, value `{"type":"lamp"}` or `"lamp"`, or none for a device that is gone. */
  readonly topic: string;
  /** Devices that are kept in memory; those beyond stay unknown, and are logged. Default 1,000,000. */
  readonly maxDevices?: number;
  /** How long reading the topic to its end may take, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Default: nothing is logged. */
  readonly logger?: Logger;
}

/** A directory that follows a topic. */
export interface DeviceTypesFromTopic extends AsyncDisposable {
  readonly typeOf: DeviceTypeDirectory;
  /** Resolves after `close`; rejects when the topic cannot be followed any longer. The last known types stay in use. */
  readonly closed: Promise<void>;
  /**
   * Follows the topic no more; the backend stays open.
   *
   * @param options.timeoutMs default 5,000
   */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/**
 * A directory in a compacted Kafka topic. Resolves when it has read all that is there, and follows what is written later. A
 * record that is not valid is logged and passed over, and so is a device beyond `maxDevices`: no record ends the directory. Each of both is
 * logged at most once a minute, with their number.
 *
 * @throws ConfigurationError that names a numeric option that cannot work
 * @throws BackendUnavailableError, AuthenticationError, AuthorizationError, TopicUnknownError, SubscriptionFailedError, ClosedError
 */
export async function deviceTypesFromTopic(
  settings: DeviceTypesFromTopicOptions,
): Promise<DeviceTypesFromTopic> {
  const { backend, topic, maxDevices = 1_000_000, timeoutMs = 30_000 } = settings;
  assertCounts({ maxDevices });
  assertDurations({ timeoutMs });
  const logger = guardLogger(settings.logger ?? silentLogger);
  const warnings = createRateLimitedLog(logger);
  const groupId = `pusher_device_types_${randomUUID()}`;
  const typeNames = new Map<string, string>();
  /** Of each partition that is still to be read to its end, that end. */
  const ends = new Map<number, number>();
  const caughtUp = Promise.withResolvers<void>();
  const subscribed = Promise.withResolvers<Subscription>();

  async function onRecords(records: readonly ConsumedRecord[]): Promise<void> {
    const slice = startSlice();
    for (const record of records) {
      if (slice.isOver()) await slice.next();
      take(record);
    }
    const { partition, offset } = records.at(-1) as ConsumedRecord;
    noteRead({ topic, partition, nextOffset: offset + 1 });
    (await subscribed.promise).markProcessed({ topic, partition, nextOffset: offset + 1 });
  }

  function noteRead({ partition, nextOffset }: ProcessedPosition): void {
    if (nextOffset >= (ends.get(partition) ?? 0)) ends.delete(partition);
    if (ends.size === 0) caughtUp.resolve();
  }

  function take(record: ConsumedRecord): void {
    const { partition, offset } = record;
    const entry = readTypeRecord(record);
    if (entry.kind === 'invalid') {
      warnings.warn('the type of a device cannot be read', {
        topic,
        partition,
        offset,
        reason: entry.reason,
      });
    } else if (entry.kind === 'gone') {
      typeNames.delete(entry.deviceId);
    } else if (typeNames.has(entry.deviceId) || typeNames.size < maxDevices) {
      typeNames.set(entry.deviceId, entry.typeName);
    } else {
      const { deviceId } = entry;
      warnings.warn('a device beyond maxDevices stays unknown; give a higher limit', {
        topic,
        partition,
        offset,
        deviceId,
        maxDevices,
      });
    }
  }

  async function start(): Promise<Subscription> {
    for (const { partition, startOffset, endOffset } of await backend.offsets({ topic, groupId })) {
      if (endOffset > startOffset) ends.set(partition, endOffset);
    }
    if (ends.size === 0) caughtUp.resolve();
    subscribed.resolve(
      backend.subscribe({ topics: [topic], groupId, from: 'beginning', onRecords, onCaughtUp: noteRead }),
    );
    const subscription = await subscribed.promise;
    const ended = subscription.closed.then(() => Promise.reject(new ClosedError('the backend')));
    await Promise.race([caughtUp.promise, ended]);
    return subscription;
  }

  function leaveWhenJoined(): void {
    subscribed.promise
      .then((joined) => joined.close({ timeoutMs: closeTimeoutMs }))
      .catch((error: unknown) => logger.warn({ topic, groupId, err: error }, 'the group was not left'));
  }

  let subscription: Subscription;
  try {
    subscription = await withDeadline(start(), { doing: `read ${topic} to its end`, timeoutMs });
  } catch (error) {
    leaveWhenJoined();
    throw error;
  }
  logger.info({ topic, devices: typeNames.size }, 'the types of the devices are read');
  const { closed } = subscription;
  closed.catch((error: unknown) => {
    logger.error(
      { topic, err: error },
      'the types of the devices are followed no more; the last stay in use',
    );
  });

  const directory: DeviceTypesFromTopic = {
    typeOf: (deviceId) => typeNames.get(deviceId),
    closed,
    close: ({ timeoutMs: closeMs = closeTimeoutMs } = {}) => subscription.close({ timeoutMs: closeMs }),
    [Symbol.asyncDispose]: () => directory.close(),
  };
  return directory;
}
