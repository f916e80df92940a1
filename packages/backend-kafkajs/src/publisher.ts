import {
  type KafkaOptions,
  type PublisherBackend,
  type PublishOutcome,
  type PublishRecord,
  partitionForKey,
  type WaitOptions,
} from '@preservarium/backend';
import { asUnanswered, createBatcher } from '@preservarium/backend-kit';
import { withDeadline } from '@preservarium/concurrency';
import {
  BackendUnavailableError,
  ClosedError,
  PublishFailedError,
  type PusherError,
  TopicUnknownError,
} from '@preservarium/core';
import { defaultDeliveryTimeoutMs } from './client-options.js';
import { toPusherError } from './to-pusher-error.js';
import type { TopicReader } from './topic-admin.js';
import { type BatchWriter, createBatchWriter, type PartitionRecords } from './write-batch.js';

const laneCount = 2;
/** So long a topic is taken to have as many partitions as it had. */
const partitionsKnownForMs = 60_000;

export type Publisher = Pick<PublisherBackend, 'connect' | 'publish' | 'close'>;

/** The records of a group that go to one partition, with their places in the group. */
interface PartitionPlaces extends PartitionRecords {
  readonly records: PublishRecord[];
  readonly places: number[];
}

/** Publishes through two producers; the hash of the key says which, so that all records of a device go through one. */
export function createPublisher(settings: KafkaOptions, { partitionsOf }: TopicReader): Publisher {
  const { deliveryTimeoutMs = defaultDeliveryTimeoutMs, maxQueuedBytes, maxWaitingBytes } = settings;
  const committers: BatchWriter[] = Array.from({ length: laneCount }, () => createBatchWriter(settings));
  const knownPartitions = new Map<string, { readonly count: number; readonly untilMs: number }>();
  let brokersHaveAnswered = false;
  let closing = false;

  const groupCommit = createBatcher({
    name: 'kafkajs',
    lanes: laneCount,
    laneOf: (key) => partitionForKey(key, laneCount),
    maxBatchRecords: 2_000,
    maxBatchBytes: 900_000,
    maxQueuedBytes,
    maxWaitingBytes,
    writeBatch,
  });

  async function writeBatch(
    records: readonly PublishRecord[],
    lane: number,
  ): Promise<readonly PublishOutcome[]> {
    const deadlineAtMs = Date.now() + deliveryTimeoutMs;
    const outcomes: PublishOutcome[] = new Array(records.length);
    const partitions = await byPartition(records, outcomes, deadlineAtMs);
    if (partitions.length === 0) return outcomes;
    const committed = await (committers[lane] as BatchWriter).writeBatch(partitions, deadlineAtMs);
    partitions.forEach(({ topic, places }, index) => {
      const ofPartition = committed[index] ?? [];
      places.forEach((place, position) => {
        outcomes[place] = ofPartition[position] as PublishOutcome;
      });
      if (ofPartition.some(({ ok }) => !ok)) knownPartitions.delete(topic);
    });
    return outcomes;
  }

  /** Records of a topic that cannot be published to have their outcome at once. */
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
      const { topic, key } = record;
      const count = topics.get(topic) as number | PusherError;
      if (typeof count !== 'number') {
        outcomes[place] = { ok: false, error: count };
        continue;
      }
      const partition = record.partition ?? partitionForKey(key, count, settings.partitioner);
      if (!isPartitionOf(count, partition)) {
        outcomes[place] = { ok: false, error: new TopicUnknownError(topic, { partition }) };
        continue;
      }
      const name = `${partition} ${topic}`;
      const found = partitions.get(name) ?? { topic, partition, records: [], places: [] };
      if (found.places.length === 0) partitions.set(name, found);
      found.records.push(record);
      found.places.push(place);
    }
    return [...partitions.values()];
  }

  /** Asks anew also where a record names a partition that was not there: topics grow. */
  async function knownPartitionsOf(
    topic: string,
    highestNamed: number,
    deadlineAtMs: number,
  ): Promise<number | PusherError> {
    const known = knownPartitions.get(topic);
    if (known !== undefined && highestNamed < known.count && Date.now() < known.untilMs) return known.count;
    try {
      const count = await partitionsOf(topic, deadlineAtMs - Date.now());
      brokersHaveAnswered = true;
      knownPartitions.set(topic, { count, untilMs: Date.now() + partitionsKnownForMs });
      return count;
    } catch (cause) {
      const otherwise = (message: string) => new PublishFailedError(message, { cause });
      return toPusherError(cause, { doing: `publish to "${topic}"`, topic, otherwise });
    }
  }

  async function connect({ timeoutMs, signal }: WaitOptions): Promise<void> {
    if (closing) throw new ClosedError('the kafkajs backend');
    await withDeadline(Promise.all(committers.map((committer) => committer.connect())), {
      doing: 'connect',
      timeoutMs,
      signal,
      timedOut: () => unanswered(timeoutMs),
    });
    brokersHaveAnswered = true;
  }

  function publish(
    records: readonly PublishRecord[],
    options: WaitOptions,
  ): Promise<readonly PublishOutcome[]> {
    const publishing = groupCommit.publish(records, options);
    if (brokersHaveAnswered) return publishing;
    const { timeoutMs } = options;
    return publishing.then((outcomes) =>
      brokersHaveAnswered ? outcomes : asUnanswered(outcomes, (cause) => unanswered(timeoutMs, cause)),
    );
  }

  function unanswered(timeoutMs: number, cause?: PusherError): BackendUnavailableError {
    return new BackendUnavailableError(
      `no broker of ${settings.brokers.join(', ')} answered within ${timeoutMs} ms: check the addresses and that they run`,
      { cause },
    );
  }

  async function close({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    closing = true;
    const deadlineAtMs = Date.now() + timeoutMs;
    await groupCommit.close({ timeoutMs });
    const left = { timeoutMs: deadlineAtMs - Date.now() };
    await Promise.all(committers.map((committer) => committer.close(left)));
  }

  return { connect, publish, close };
}

function isPartitionOf(count: number, partition: number): boolean {
  return Number.isInteger(partition) && partition >= 0 && partition < count;
}
