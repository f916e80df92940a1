import type { KafkaOptions, PublishOutcome, PublishRecord } from '@preservarium/backend';
import { defaultDeliveryTimeoutMs, failAll, partitionId } from '@preservarium/backend-kit';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import {
  BackendUnavailableError,
  PublishFailedError,
  PublishTimedOutError,
  type PusherError,
} from '@preservarium/core';
import type { CompressionTypes } from 'kafkajs';
import { codecNames } from './kafkajs-codecs.js';
import { requestTimeoutMs } from './kafkajs-config.js';
import { isDefiniteRefusal, isRefusedForSize } from './kafkajs-failures.js';
import { toKafkajsHeaders } from './kafkajs-headers.js';
import {
  createProducers,
  type OpenProducer,
  type PlacedMessage,
  type SendState,
} from './kafkajs-producers.js';
import { toPusherError } from './to-pusher-error.js';

/** kafkajs makes one batch of the records of a request, and the brokers refuse one of more than 1,048,588 bytes. */
const maxBatchBytes = 900_000;
const maxBatchRecords = 2_000;
/** A send that was given up ends with its request, and the pause before the next attempt. */
const endOfSendMs = 2_000;

/** Records of one partition, in the order in which they are to be written. */
export interface PartitionRecords {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly PublishRecord[];
}

/** A batch that its partition has not written. */
interface PendingRecords extends PartitionRecords {
  /** In milliseconds since 1970. */
  readonly deadlineAtMs: number;
  answer(outcomes: readonly PublishOutcome[]): void;
}

/** Writes batches through an idempotent producer of its own: one at a time for each partition, partitions side by side. */
export interface BatchWriter {
  /** Resolves once the brokers know the producer. */
  connect(): Promise<void>;
  /** Returns whether an earlier batch of the partition is not written yet. */
  isBusy(of: Pick<PartitionRecords, 'topic' | 'partition'>): boolean;
  /** Resolves with one outcome for each record; begins no request after the deadline, in milliseconds since 1970. */
  write(records: PartitionRecords, deadlineAtMs: number): Promise<readonly PublishOutcome[]>;
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/**
 * Returns a writer. Two properties of kafkajs lose acknowledged records, and it avoids both:
 * - It takes a batch's sequence numbers back when its `send` fails. If the brokers wrote that batch nevertheless, the
 *   next one carries the same numbers, is taken for a repetition, dropped, and acknowledged. So no two requests for
 *   one partition are ever in flight, and after a `send` that failed, new ones use a new producer, with a new id.
 * - It retries a `send` of several partitions as a whole, but not at brokers that have answered once: a partition whose leader
 *   moved to such a broker is never sent, and the `send` succeeds. So each partition has a `send` of its own.
 */
export function createBatchWriter(options: KafkaOptions): BatchWriter {
  const { deliveryTimeoutMs = defaultDeliveryTimeoutMs } = options;
  const compression: CompressionTypes = codecNames.indexOf(options.compression ?? 'none');
  const timeoutOfRequestMs = requestTimeoutMs(options);
  const producers = createProducers(options);
  /** By partition, the batches that wait for the one in flight. A partition that is not busy has no entry. */
  const lanes = new Map<string, PendingRecords[]>();

  function write(batch: PartitionRecords, deadlineAtMs: number): Promise<readonly PublishOutcome[]> {
    const id = partitionId(batch);
    return new Promise((answer) => {
      const pending = { ...batch, deadlineAtMs, answer };
      const lane = lanes.get(id);
      if (lane !== undefined) {
        lane.push(pending);
        return;
      }
      const opened = [pending];
      lanes.set(id, opened);
      void writeAll(opened, id);
    });
  }

  async function writeAll(lane: PendingRecords[], id: string): Promise<void> {
    for (let part = takeTogether(lane); part.length > 0; part = takeTogether(lane)) {
      const [first] = part as [PendingRecords];
      const records = part.flatMap((pending) => pending.records);
      const deadlineAtMs = Math.max(...part.map((pending) => pending.deadlineAtMs));
      const answer = (outcomes: readonly PublishOutcome[]) => {
        let start = 0;
        for (const pending of part) {
          pending.answer(outcomes.slice(start, start + pending.records.length));
          start += pending.records.length;
        }
      };
      if (Date.now() < deadlineAtMs) await writePartition({ ...first, records }, deadlineAtMs, answer);
      else answer(failAll(records, new PublishTimedOutError(deliveryTimeoutMs, { mayBeWritten: false })));
    }
    lanes.delete(id);
  }

  /** Batch after batch: after a failure nothing more is written, for the order of the partition's records to hold. */
  async function writePartition(
    { topic, partition, records }: PartitionRecords,
    deadlineAtMs: number,
    answer: (outcomes: readonly PublishOutcome[]) => void,
  ): Promise<void> {
    const outcomes: PublishOutcome[] = [];
    let failure: PusherError | undefined;
    let ended: Promise<unknown> = Promise.resolve();
    const onGivenUp = (end: Promise<unknown>) => {
      ended = end;
    };
    for (const batch of divide(records)) {
      const part = { topic, partition, records: batch };
      failure = await writePart(part, { deadlineAtMs, outcomes, onGivenUp });
      if (failure !== undefined) break;
    }
    if (failure !== undefined) outcomes.push(...failAll(records.slice(outcomes.length), failure));
    answer(outcomes);
    await ended;
  }

  interface Writing {
    readonly deadlineAtMs: number;
    readonly outcomes: PublishOutcome[];
    /** Called with the end of a send that outlives its deadline. */
    onGivenUp(end: Promise<unknown>): void;
  }

  /** Adds the outcomes of the records to `outcomes`, or returns what keeps them from being written. */
  async function writePart(batch: PartitionRecords, writing: Writing): Promise<PusherError | undefined> {
    const { topic, partition, records } = batch;
    let opened: OpenProducer;
    try {
      opened = await withDeadline(producers.connected(), {
        doing: 'publish',
        timeoutMs: writing.deadlineAtMs - Date.now(),
        timedOut: () => unreachable(producers.lastFailure()),
      });
    } catch (cause) {
      producers.abandon();
      return toPusherError(cause, { doing: 'publish', otherwise: publishFailed });
    }
    const state: SendState = { givenUp: false, asked: 0 };
    try {
      const offset = await send(opened, batch, state, writing);
      for (let index = 0; index < records.length; index++) {
        writing.outcomes.push({ ok: true, receipt: { topic, partition, offset: offset + index } });
      }
      return undefined;
    } catch (cause) {
      if (isRefusedForSize(cause)) return writeHalves(batch, writing, cause);
      // A broker that refuses a first attempt has written nothing, and the sequence numbers are right.
      if (state.asked > records.length || !isDefiniteRefusal(cause)) producers.retire(opened);
      return toPusherError(cause, {
        doing: `publish to "${topic}"`,
        topic,
        connectionFailure: opened.client.lastFailure,
        otherwise: publishFailed,
      });
    }
  }

  /** The brokers wrote nothing of a batch that they found too large: the records that are not are sent again. */
  async function writeHalves(batch: PartitionRecords, writing: Writing, cause: unknown) {
    const { topic, records } = batch;
    if (records.length === 1) {
      const sizeBytes = records[0]?.value.length ?? 0;
      const error = toPusherError(cause, { doing: 'publish', topic, sizeBytes, otherwise: publishFailed });
      writing.outcomes.push({ ok: false, error });
      return undefined;
    }
    const middle = records.length >> 1;
    return (
      (await writePart({ ...batch, records: records.slice(0, middle) }, writing)) ??
      (await writePart({ ...batch, records: records.slice(middle) }, writing))
    );
  }

  /** Resolves with the offset of the first record. */
  async function send(
    opened: OpenProducer,
    { topic, partition, records }: PartitionRecords,
    state: SendState,
    { deadlineAtMs, onGivenUp }: Writing,
  ): Promise<number> {
    const messages = records.map(
      ({ key, value, headers }): PlacedMessage => ({
        key,
        value,
        partition,
        state,
        ...(headers === undefined ? {} : { headers: toKafkajsHeaders(headers) }),
      }),
    );
    const request = { topic, acks: -1, timeout: timeoutOfRequestMs, compression, messages };
    const sent = producers.use(opened, () => opened.producer.send(request));
    const [answer] = await withDeadline(sent, {
      doing: 'publish',
      timeoutMs: deadlineAtMs - Date.now(),
      timedOut() {
        state.givenUp = true;
        onGivenUp(ended(opened, sent));
        return new PublishTimedOutError(deliveryTimeoutMs, { mayBeWritten: true });
      },
    });
    if (answer?.baseOffset === undefined) {
      throw new BackendUnavailableError(
        `no broker leads partition ${partition} of "${topic}" now; try again`,
      );
    }
    return Number(answer.baseOffset);
  }

  /** Resolves when a send that was given up can write nothing more. */
  async function ended(opened: OpenProducer, sent: Promise<unknown>): Promise<void> {
    if (!(await settledWithin(sent, timeoutOfRequestMs + endOfSendMs))) producers.abandon(opened);
  }

  return {
    write,
    isBusy: (of) => lanes.has(partitionId(of)),
    async connect() {
      await producers.connected();
    },
    close: producers.close,
  };
}

/** Takes the first batch, and with it as many of those that waited behind it as fit into a request. */
function takeTogether(lane: PendingRecords[]): readonly PendingRecords[] {
  let records = 0;
  const next = lane.findIndex((pending, index) => {
    records += pending.records.length;
    return index > 0 && records > maxBatchRecords;
  });
  return lane.splice(0, next === -1 ? lane.length : next);
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

function unreachable(cause: Error | undefined): BackendUnavailableError {
  return new BackendUnavailableError(
    'cannot publish: no broker answered in time; check the addresses and that they run',
    { cause },
  );
}

function publishFailed(message: string, options: { readonly cause: unknown }): PublishFailedError {
  return new PublishFailedError(message, options);
}
