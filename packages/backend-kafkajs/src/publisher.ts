import {
  type KafkaOptions,
  type PublisherBackend,
  type PublishOutcome,
  type PublishRecord,
  partitionForKey,
  type RecordHeaders,
  type WaitOptions,
} from '@preservarium/backend';
import {
  type BatchProgress,
  createBatcher,
  createBrokerContact,
  defaultDeliveryTimeoutMs,
  partitionId,
  topicNameError,
} from '@preservarium/backend-kit';
import { withDeadline } from '@preservarium/concurrency';
import {
  ClosedError,
  PublishFailedError,
  type PusherError,
  TopicUnknownError,
  ValidationError,
} from '@preservarium/core';
import { createBatchWriter } from './kafkajs-batch-writer.js';
import { assertKafkajsHeaders } from './kafkajs-headers.js';
import type { TopicReader } from './kafkajs-patient-reader.js';
import type { PartitionRecords } from './kafkajs-requests.js';
import { toPusherError } from './to-pusher-error.js';

/** Partitions that are not written by then do not hold up the others. */
const stalledMs = 500;
/** The number of partitions of a topic is read again after this time. */
const partitionsKnownForMs = 60_000;

/** The records of a batch that go to one partition, with their places in the batch. */
interface PartitionPlaces extends PartitionRecords {
  readonly records: PublishRecord[];
  readonly places: number[];
}

/** Returns the part that publishes, in batches through one producer. */
export function createPublisher(
  options: KafkaOptions,
  { partitionsOf }: TopicReader,
): Pick<PublisherBackend, 'connect' | 'publish' | 'close'> {
  const { deliveryTimeoutMs = defaultDeliveryTimeoutMs, maxQueuedBytes, maxWaitingBytes } = options;
  const writer = createBatchWriter(options);
  const contact = createBrokerContact(options.brokers);
  const knownPartitions = new Map<string, { readonly count: number; readonly untilMs: number }>();
  let closing = false;

  const batcher = createBatcher({
    name: 'kafkajs',
    shards: 1,
    shardOf: () => 0,
    maxBatchRecords: 2_000,
    maxBatchBytes: 900_000,
    maxQueuedBytes,
    maxWaitingBytes,
    writeBatch,
    explainTimeout: contact.explainTimeout,
  });

  async function writeBatch(
    records: readonly PublishRecord[],
    _shard: number,
    { settled, goOn }: BatchProgress,
  ): Promise<readonly PublishOutcome[]> {
    const deadlineAtMs = Date.now() + deliveryTimeoutMs;
    const outcomes: PublishOutcome[] = new Array(records.length).fill(undefined);
    const partitions = await byPartition(records, outcomes, deadlineAtMs);
    let isStalled = false;
    const write = async (part: PartitionPlaces) => {
      const written = await writer.write(part, deadlineAtMs);
      part.places.forEach((place, position) => {
        outcomes[place] = written[position] as PublishOutcome;
      });
      if (written.some(({ ok }) => !ok)) knownPartitions.delete(part.topic);
      if (isStalled) settled(outcomes);
    };
    const { busy = [], idle = [] } = Object.groupBy(partitions, (part) =>
      writer.isBusy(part) ? 'busy' : 'idle',
    );
    const stalled = setTimeout(() => {
      isStalled = true;
      settled(outcomes);
      goOn();
    }, stalledMs);
    try {
      const writingBusy = Promise.all(busy.map(write));
      await Promise.all(idle.map(write));
      if (busy.length > 0 && idle.length > 0) {
        isStalled = true;
        settled(outcomes);
        goOn();
      }
      await writingBusy;
    } finally {
      clearTimeout(stalled);
    }
    return outcomes;
  }

  /** Returns the records by partition; those of a topic that cannot be published to get their outcome at once. */
  async function byPartition(
    records: readonly PublishRecord[],
    outcomes: PublishOutcome[],
    deadlineAtMs: number,
  ) {
    const highestNamed = new Map<string, number>();
    for (const { topic, partition = 0 } of records) {
      highestNamed.set(topic, Math.max(partition, highestNamed.get(topic) ?? 0));
    }
    const topics = new Map<string, number | PusherError>();
    await Promise.all(
      [...highestNamed].map(async ([topic, highest]) => {
        topics.set(topic, await knownPartitionsOf(topic, highest, deadlineAtMs));
      }),
    );
    const partitions = new Map<string, PartitionPlaces>();
    for (const [place, record] of records.entries()) {
      const { topic, key, headers } = record;
      const count = topics.get(topic) as number | PusherError;
      if (typeof count !== 'number') {
        outcomes[place] = { ok: false, error: count };
        continue;
      }
      const partition = record.partition ?? partitionForKey(key, count, options.partitioner);
      if (!isPartitionOf(count, partition)) {
        outcomes[place] = { ok: false, error: new TopicUnknownError(topic, { partition }) };
        continue;
      }
      const refusal = headers && refusalOf(headers);
      if (refusal !== undefined) {
        outcomes[place] = { ok: false, error: refusal };
        continue;
      }
      const name = partitionId({ topic, partition });
      const found = partitions.get(name) ?? { topic, partition, records: [], places: [] };
      if (found.places.length === 0) partitions.set(name, found);
      found.records.push(record);
      found.places.push(place);
    }
    return [...partitions.values()];
  }

  /** Asks again also if a record names a partition that did not exist: topics grow. */
  async function knownPartitionsOf(
    topic: string,
    highestNamed: number,
    deadlineAtMs: number,
  ): Promise<number | PusherError> {
    const known = knownPartitions.get(topic);
    const nameError = topicNameError(topic);
    if (nameError !== undefined) return nameError;
    if (known !== undefined && highestNamed < known.count && Date.now() < known.untilMs) return known.count;
    try {
      const count = await partitionsOf(topic, deadlineAtMs - Date.now());
      contact.noteAnswer();
      knownPartitions.set(topic, { count, untilMs: Date.now() + partitionsKnownForMs });
      return count;
    } catch (cause) {
      const otherwise = (message: string) => new PublishFailedError(message, { cause });
      return toPusherError(cause, { doing: `publish to "${topic}"`, topic, otherwise });
    }
  }

  async function connect({ timeoutMs, signal }: WaitOptions): Promise<void> {
    if (closing) throw new ClosedError('the kafkajs backend');
    await withDeadline(writer.connect(), {
      doing: 'connect',
      timeoutMs,
      signal,
      timedOut: () => contact.unanswered(timeoutMs),
    });
    contact.noteAnswer();
  }

  async function close({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    closing = true;
    const deadlineAtMs = Date.now() + timeoutMs;
    await batcher.close({ timeoutMs });
    await writer.close({ timeoutMs: deadlineAtMs - Date.now() });
  }

  return {
    connect,
    publish: batcher.publish,
    close,
  };
}

function refusalOf(headers: RecordHeaders): ValidationError | undefined {
  try {
    assertKafkajsHeaders(headers);
    return undefined;
  } catch (error) {
    if (ValidationError.isInstance(error)) return error;
    throw error;
  }
}

function isPartitionOf(count: number, partition: number): boolean {
  return Number.isInteger(partition) && partition >= 0 && partition < count;
}
