import type { KafkaOptions, PublishOutcome, PublishRecord } from '@preservarium/backend';
import { defaultDeliveryTimeoutMs, failAll } from '@preservarium/backend-kit';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import {
  BackendUnavailableError,
  PublishFailedError,
  PublishTimedOutError,
  type PusherError,
} from '@preservarium/core';
import { CompressionTypes, type Producer } from 'kafkajs';
import { type Client, createClient } from './kafkajs-client.js';
import { requestTimeoutMs } from './kafkajs-config.js';
import { isRefusedForSize } from './kafkajs-failures.js';
import { toKafkajsHeaders } from './kafkajs-headers.js';
import { toPusherError } from './to-pusher-error.js';

/** kafkajs makes one batch of the records of a request, and the brokers refuse one of more than 1,048,588 bytes. */
const maxBatchBytes = 900_000;
const maxBatchRecords = 2_000;

/** Records of one partition, in the order in which they are to be written. */
export interface PartitionRecords {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly PublishRecord[];
}

/** Writes batches, one at a time, through an idempotent producer of its own. */
export interface BatchWriter {
  /** Resolves once the brokers know the producer. */
  connect(): Promise<void>;
  /** One list of outcomes for each list of records, at the latest at the deadline, in milliseconds since 1970. */
  writeBatch(batch: readonly PartitionRecords[], deadlineAtMs: number): Promise<readonly PublishOutcome[][]>;
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

interface OpenProducer {
  readonly client: Client;
  readonly producer: Producer;
  readonly connected: Promise<void>;
  /** True once the brokers may have written records that this producer believes unwritten. */
  outOfStep: boolean;
}

/**
 * Returns a writer. Two properties of kafkajs lose acknowledged records, and it avoids both:
 * - It takes a batch's sequence numbers back when its `send` fails. If the brokers wrote that batch nevertheless, the
 *   next one carries the same numbers, is taken for a repetition, dropped, and acknowledged. So no two requests for
 *   one partition are ever in flight, and a producer whose `send` failed is replaced by a new one, with a new id.
 * - It retries a `send` of several partitions as a whole, but not at brokers that have answered once: a partition whose leader
 *   moved to such a broker is never sent, and the `send` succeeds. So each partition has a `send` of its own.
 */
export function createBatchWriter(options: KafkaOptions): BatchWriter {
  const { deliveryTimeoutMs = defaultDeliveryTimeoutMs } = options;
  const compression = options.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None;
  const timeoutOfRequestMs = requestTimeoutMs(options);
  let current: OpenProducer | undefined;

  function openProducer(): OpenProducer {
    const client = createClient(options);
    const producer = client.kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
      // Ends when the client is destroyed, at the latest at the deadline of the batch.
      retry: { retries: Number.MAX_SAFE_INTEGER },
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
    return { client, producer, connected: producer.connect(), outOfStep: false };
  }

  async function connectedProducer(): Promise<OpenProducer> {
    current ??= openProducer();
    const opened = current;
    try {
      await opened.connected;
      return opened;
    } catch (cause) {
      abandon(opened);
      throw toPusherError(cause, {
        doing: 'connect to the brokers',
        connectionFailure: opened.client.lastFailure,
        otherwise: (message, causes) => new BackendUnavailableError(message, causes),
      });
    }
  }

  function abandon(producer: OpenProducer): void {
    producer.client.destroy();
    if (current === producer) current = undefined;
  }

  async function writeBatch(batch: readonly PartitionRecords[], deadlineAtMs: number) {
    let opened: OpenProducer;
    try {
      opened = await withDeadline(connectedProducer(), {
        doing: 'publish',
        timeoutMs: deadlineAtMs - Date.now(),
        timedOut: () => unreachable(current),
      });
    } catch (cause) {
      if (current !== undefined) abandon(current);
      const error = toPusherError(cause, { doing: 'publish', otherwise: publishFailed });
      return batch.map(({ records }) => failAll(records, error));
    }
    const outcomes = await Promise.all(batch.map((records) => writePartition(opened, records, deadlineAtMs)));
    if (opened.outOfStep) abandon(opened);
    return outcomes;
  }

  /** Batch after batch: after a failure nothing more is written, for the order of the partition's records to hold. */
  async function writePartition(
    opened: OpenProducer,
    { topic, partition, records }: PartitionRecords,
    deadlineAtMs: number,
  ) {
    const outcomes: PublishOutcome[] = [];
    let failure: PusherError | undefined;
    for (const batch of divide(records)) {
      failure ??= await writePartitionBatch(
        opened,
        { topic, partition, records: batch },
        deadlineAtMs,
        outcomes,
      );
      if (failure !== undefined) outcomes.push(...failAll(records.slice(outcomes.length), failure));
      if (failure !== undefined) break;
    }
    return outcomes;
  }

  /** Adds the outcomes of the records to `outcomes`, or returns what keeps them from being written. */
  async function writePartitionBatch(
    opened: OpenProducer,
    batch: PartitionRecords,
    deadlineAtMs: number,
    outcomes: PublishOutcome[],
  ): Promise<PusherError | undefined> {
    const { topic, partition, records } = batch;
    try {
      const offset = await send(opened.producer, batch, deadlineAtMs);
      for (let index = 0; index < records.length; index++) {
        outcomes.push({ ok: true, receipt: { topic, partition, offset: offset + index } });
      }
      return undefined;
    } catch (cause) {
      if (isRefusedForSize(cause)) return writeHalves(opened, batch, deadlineAtMs, outcomes, cause);
      opened.outOfStep = true;
      return toPusherError(cause, {
        doing: `publish to "${topic}"`,
        topic,
        connectionFailure: opened.client.lastFailure,
        otherwise: publishFailed,
      });
    }
  }

  /** The brokers wrote nothing of a batch that they found too large: the records that are not are sent again. */
  async function writeHalves(
    opened: OpenProducer,
    batch: PartitionRecords,
    deadlineAtMs: number,
    outcomes: PublishOutcome[],
    cause: unknown,
  ): Promise<PusherError | undefined> {
    const { topic, records } = batch;
    if (records.length === 1) {
      const sizeBytes = records[0]?.value.length ?? 0;
      const error = toPusherError(cause, { doing: 'publish', topic, sizeBytes, otherwise: publishFailed });
      outcomes.push({ ok: false, error });
      return undefined;
    }
    const middle = records.length >> 1;
    return (
      (await writePartitionBatch(
        opened,
        { ...batch, records: records.slice(0, middle) },
        deadlineAtMs,
        outcomes,
      )) ??
      (await writePartitionBatch(
        opened,
        { ...batch, records: records.slice(middle) },
        deadlineAtMs,
        outcomes,
      ))
    );
  }

  /** Resolves with the offset of the first record. */
  async function send(
    producer: Producer,
    { topic, partition, records }: PartitionRecords,
    deadlineAtMs: number,
  ) {
    const messages = records.map(({ key, value, headers }) => ({
      key,
      value,
      partition,
      ...(headers === undefined ? {} : { headers: toKafkajsHeaders(headers) }),
    }));
    const sent = producer.send({
      topic,
      acks: -1,
      timeout: timeoutOfRequestMs,
      compression,
      messages,
    });
    const [answer] = await withDeadline(sent, {
      doing: 'publish',
      timeoutMs: deadlineAtMs - Date.now(),
      timedOut: () => new PublishTimedOutError(deliveryTimeoutMs, { mayBeWritten: true }),
    });
    if (answer?.baseOffset === undefined) {
      throw new BackendUnavailableError(
        `no broker leads partition ${partition} of "${topic}" now; try again`,
      );
    }
    return Number(answer.baseOffset);
  }

  return {
    writeBatch,
    async connect() {
      await connectedProducer();
    },
    async close({ timeoutMs }) {
      if (current === undefined) return;
      const closing = current;
      await settledWithin(closing.producer.disconnect(), timeoutMs);
      abandon(closing);
    },
  };
}

function* divide(records: readonly PublishRecord[]): Generator<readonly PublishRecord[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, { key, value }] of records.entries()) {
    bytes += key.length + value.length;
    if (index > start && (bytes > maxBatchBytes || index - start === maxBatchRecords)) {
      yield records.slice(start, index);
      start = index;
      bytes = key.length + value.length;
    }
  }
  yield records.slice(start);
}

function unreachable(opened: OpenProducer | undefined): BackendUnavailableError {
  const cause = opened?.client.lastFailure;
  return new BackendUnavailableError(
    'cannot publish: no broker answered in time; check the addresses and that they run',
    {
      cause,
    },
  );
}

function publishFailed(message: string, options: { readonly cause: unknown }): PublishFailedError {
  return new PublishFailedError(message, options);
}
