import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import type { BatchProgress } from '@preservarium/backend-kit';
import { PublishTimedOutError } from '@preservarium/core';
import type { DeliveryReport, LibrdKafkaError } from 'node-rdkafka';
import {
  acknowledge,
  acknowledgeAll,
  assignFailures,
  type Batch,
  type Failure,
  finalOutcomes,
  takeRefused,
} from './rdkafka-batch.js';
import { isClientBroken, isQueueFull, isRefusal } from './rdkafka-failures.js';
import { type BatchProducer, createFlushes, flushMs } from './rdkafka-flushes.js';
import { toRdkafkaHeaders } from './rdkafka-headers.js';
import type { PartitionAcks } from './rdkafka-partition-acks.js';
import { createRefusals } from './rdkafka-refusals.js';
import { toPusherError } from './to-pusher-error.js';

/** After so many records, other work of the process has its turn. */
const recordsPerTurn = 2000;
/**
 * Brokers refuse a batch as a whole when it is larger than its topic allows. A record above this size gets a batch of its
 * own, so that it is refused alone; and in topics that refused a batch of small records, no batch grows beyond a quarter.
 */
const aloneBytes = 64 * 1024;
const smallBatchBytes = aloneBytes / 4;
/** A batch that is not acknowledged by then does not hold up the next one. */
const stalledMs = 500;
/** Between the batches while one stalls, so that they do not get small. */
const stalledPauseMs = 5;
/** The client bounds a delivery by its own timeout; past this much more it is not trusted any longer. */
const graceMs = 10_000;
const roomPollMs = 10;
/** A client that stopped tells why in an event, which may come after the failures of its records. */
const explanationPolls = 10;
const explanationPollMs = 20;

export interface DeliveriesOptions {
  readonly receipts: 'acknowledged' | 'offsets';
  readonly deliveryTimeoutMs: number;
  readonly acks: PartitionAcks;
}

interface Delivery extends Batch {
  readonly progress: BatchProgress;
  /** When its last record was produced, by `performance.now()`; `Infinity` until then. */
  producedAtMs: number;
  readonly settled: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/** The records that one producer has been given and has not yet answered for. */
export interface Deliveries {
  /** Takes a delivery report of the producer. */
  report(error: LibrdKafkaError | null, report: DeliveryReport): void;
  /**
   * Produces the records in their order, and resolves with the outcome of each when nothing of them is left with the client. A
   * batch that stalls lets the next one begin, and its records are settled by partition. One call at a time until it goes on.
   */
  write(records: readonly PublishRecord[], progress: BatchProgress): Promise<readonly PublishOutcome[]>;
  /** False once the producer can do nothing more, or kept records beyond its own timeout. */
  isUsable(): boolean;
  /** Produces nothing more, and resolves when nothing uses the producer; records without an answer get one. */
  stop(): Promise<void>;
}

/**
 * Returns the deliveries of a producer.
 *
 * With `acknowledged`, the client reports failures alone: a record is acknowledged when the client has none left and no
 * failure of it was reported. If the client still has some, the acknowledgements of the partitions say which. With `offsets`, it is acknowledged
 * when its own report says so.
 */
export function createDeliveries(producer: BatchProducer, options: DeliveriesOptions): Deliveries {
  const { receipts, deliveryTimeoutMs, acks } = options;
  const flushes = createFlushes(producer);
  const refusalOf = createRefusals();
  const topicsOfSmallBatches = new Set<string>();
  const failures: Failure[] = [];
  let batches: Delivery[] = [];
  let nextOpaque = 0;
  let reports = 0;
  let usable = true;
  let stopping = false;
  let isServing = false;
  /** How many reports the outcomes include. */
  let reportsSettled = 0;
  let onStopped: (() => void) | undefined;

  function report(error: LibrdKafkaError | null, report: DeliveryReport): void {
    reports++;
    if (receipts === 'acknowledged') {
      if (error) failures.push({ error, report });
      return;
    }
    const batch = batches.find(
      ({ firstOpaque, records }) =>
        report.opaque >= firstOpaque && report.opaque < firstOpaque + records.length,
    );
    if (batch === undefined) return;
    const position = report.opaque - batch.firstOpaque;
    const { topic, partition, offset } = report;
    if (error) fail(batch, position, error);
    else batch.outcomes[position] = { ok: true, receipt: { topic, partition, offset } };
  }

  async function write(records: readonly PublishRecord[], progress: BatchProgress) {
    if (stopping) return records.map(() => unanswered(false));
    const isStalled = batches.some(({ producedAtMs }) => performance.now() - producedAtMs > stalledMs);
    const batch = begin(records, progress);
    let goOn: NodeJS.Timeout | undefined;
    try {
      await produceAll(batch, isStalled);
      goOn = setTimeout(progress.goOn, isStalled ? stalledPauseMs : stalledMs);
      // The client sends without lingering while a flush is in flight; this one is in flight between the others.
      void flushes.flush(1);
      if (!isServing) void serve();
      await batch.settled;
    } finally {
      clearTimeout(goOn);
    }
    if (usable && !stopping) await sendRefusedAlone(batch);
    if (!usable) await explain(batch);
    return batch.outcomes.map((outcome, position) => outcome ?? unanswered(position < batch.taken));
  }

  function begin(records: readonly PublishRecord[], progress: BatchProgress): Delivery {
    for (const batch of batches) batch.overtaken = true;
    const { promise: settled, resolve, reject } = Promise.withResolvers<void>();
    const batch: Delivery = {
      records,
      outcomes: new Array(records.length).fill(undefined),
      acks: acks.follow(records),
      firstOpaque: nextOpaque,
      taken: 0,
      overtaken: false,
      progress,
      producedAtMs: Number.POSITIVE_INFINITY,
      settled,
      resolve,
      reject,
    };
    // An opaque has 32 bits; no two records of one number are ever with the client together.
    nextOpaque = (nextOpaque + records.length) % 2 ** 30;
    batches.push(batch);
    return batch;
  }

  function end(batch: Delivery): void {
    batch.resolve();
    batches = batches.filter((other) => other !== batch);
    if (stopping && batches.length === 0) onStopped?.();
  }

  /** @param isStalled a batch before stalls: no record can have a batch of its own, and none waits for that */
  async function produceAll(batch: Delivery, isStalled: boolean): Promise<void> {
    const giveUpAtMs = performance.now() + deliveryTimeoutMs + graceMs;
    let batchBytes = 0;
    let canBeEmpty = !isStalled;
    const untilEmpty = async () => {
      if (canBeEmpty) canBeEmpty = await flushes.untilEmpty(stalledMs);
    };
    for (const [position, { topic, value }] of batch.records.entries()) {
      if (position > 0 && position % recordsPerTurn === 0) await nextTurn();
      batchBytes += value.length;
      const alone =
        value.length > aloneBytes || (batchBytes > smallBatchBytes && topicsOfSmallBatches.has(topic));
      if (alone) await untilEmpty();
      while (!stopping && !produce(batch, position)) {
        if (performance.now() > giveUpAtMs) break;
        await flushes.flush(roomPollMs);
      }
      if (stopping || performance.now() > giveUpAtMs) break;
      batch.taken = position + 1;
      if (alone) batchBytes = value.length;
      if (value.length > aloneBytes) await untilEmpty();
    }
    batch.producedAtMs = performance.now();
    batch.acks.produced();
  }

  /** Returns whether there was room for it. */
  function produce(batch: Batch, position: number): boolean {
    const { topic, key, partition = null, value, headers } = batch.records[position] as PublishRecord;
    const refusal = refusalOf(topic, partition);
    if (refusal !== undefined) {
      batch.outcomes[position] = { ok: false, error: refusal };
      return true;
    }
    // An opaque is freed with its report only, and successes have none in `acknowledged`.
    const opaque = receipts === 'offsets' ? batch.firstOpaque + position : undefined;
    try {
      producer.produce(topic, partition, value, key, null, opaque, headers && toRdkafkaHeaders(headers));
    } catch (error) {
      if (isQueueFull(error)) return false;
      fail(batch, position, error);
    }
    return true;
  }

  function fail({ records, outcomes }: Batch, position: number, error: unknown): void {
    const { topic, partition, value } = records[position] as PublishRecord;
    const broken = isClientBroken(error);
    usable &&= !broken;
    const lastError = producer.getLastError();
    const cause = broken && isRefusal(lastError) ? lastError : error;
    const context = { topic, partition, sizeBytes: value.length, timeoutMs: deliveryTimeoutMs };
    outcomes[position] = { ok: false, error: toPusherError(cause, context) };
  }

  /** Gives the records that failed because the client stopped the reason why it did, if that is a refusal. */
  async function explain(batch: Batch): Promise<void> {
    const unexplained = [...batch.outcomes.entries()].flatMap(([position, outcome]) =>
      outcome?.ok === false && isClientBroken(outcome.error.cause)
        ? [{ position, cause: outcome.error.cause }]
        : [],
    );
    if (unexplained.length === 0) return;
    for (let polls = 0; polls < explanationPolls && !isRefusal(producer.getLastError()); polls++) {
      await flushes.flush(0);
      await pause(explanationPollMs);
    }
    for (const { position, cause } of unexplained) fail(batch, position, cause);
  }

  /** Asks the client again and again what it has left, until all batches are settled. */
  async function serve(): Promise<void> {
    isServing = true;
    try {
      for (;;) {
        const produced = batches.filter(({ producedAtMs }) => producedAtMs < Number.POSITIVE_INFINITY);
        if (produced.length === 0) break;
        const newest = produced.at(-1) as Delivery;
        // The answer of the flush need not include records that are produced while it is in flight.
        const isEmpty = await flushes.flush(
          flushMs(performance.now() - newest.producedAtMs, newest.records.length),
        );
        if (isEmpty) await settleAll(produced);
        else await settleSome(produced);
        if (stopping) for (const batch of produced) end(batch);
      }
    } catch (error) {
      usable = false;
      for (const batch of batches) batch.reject(error);
      batches = [];
    } finally {
      isServing = false;
    }
  }

  async function settleAll(produced: readonly Delivery[]): Promise<void> {
    await reportsDrained();
    assignFailures(batches, failures, fail);
    for (const batch of produced) {
      if (receipts === 'acknowledged') acknowledgeAll(batch);
      end(batch);
    }
  }

  /** Settles what is known while the client has some records still. */
  async function settleSome(produced: readonly Delivery[]): Promise<void> {
    const positions = receipts === 'acknowledged' ? produced.map(({ acks }) => acks.takeSettled()) : [];
    const isNew =
      positions.some(({ length }) => length > 0) || failures.length > 0 || reports > reportsSettled;
    if (isNew) {
      await flushes.served();
      await reportsDrained();
      reportsSettled = reports;
      assignFailures(batches, failures, fail);
    }
    for (const [index, batch] of produced.entries()) {
      acknowledge(batch, positions[index] ?? []);
      if (!batch.outcomes.includes(undefined)) end(batch);
      else if (performance.now() > batch.producedAtMs + deliveryTimeoutMs + graceMs) {
        usable = false;
        end(batch);
      } else if (isNew) batch.progress.settled(finalOutcomes(batch, aloneBytes));
    }
  }

  /** Reports reach JavaScript by the hundred in a turn, after the flush: a whole turn without one was the end of them. */
  async function reportsDrained(): Promise<void> {
    await nextTurn();
    for (let known = -1; known < reports; ) {
      known = reports;
      await nextTurn();
    }
  }

  /** Records that were refused for the size of their batch may be small themselves: each is sent again by itself. */
  async function sendRefusedAlone(batch: Batch): Promise<void> {
    for (const position of takeRefused(batch, aloneBytes)) {
      const record = batch.records[position] as PublishRecord;
      topicsOfSmallBatches.add(record.topic);
      [batch.outcomes[position]] = await write([record], { settled() {}, goOn() {} });
    }
  }

  function unanswered(mayBeWritten: boolean): PublishOutcome {
    return { ok: false, error: new PublishTimedOutError(deliveryTimeoutMs, { mayBeWritten }) };
  }

  return {
    report,
    write,
    isUsable: () => usable,
    async stop() {
      stopping = true;
      if (batches.length > 0) {
        await new Promise<void>((resolve) => {
          onStopped = resolve;
        });
      }
      await flushes.served();
    },
  };
}
