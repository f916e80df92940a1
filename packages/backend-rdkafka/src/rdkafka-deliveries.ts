import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import { type BatchProgress, partitionId } from '@preservarium/backend-kit';
import { MessageTooLargeError, PublishTimedOutError } from '@preservarium/core';
import type { DeliveryReport, LibrdKafkaError } from 'node-rdkafka';
import {
  acknowledge,
  acknowledgeAll,
  assignFailures,
  type Batch,
  createAcknowledgements,
  type Failure,
  finalOutcomes,
  refusedBefore,
  takeRefused,
} from './rdkafka-batch.js';
import { isClientBroken, isQueueFull, isRefusal, isTimedOut } from './rdkafka-failures.js';
import { type BatchProducer, createFlushes, flushMs, longestFlushMs } from './rdkafka-flushes.js';
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
/** With a report for each record, so many batches overlap: fewer leave the brokers idle, and with more they get small. */
const maxOverlapping = 4;
/** Callers of a batch of this size learn of their reports before all of it is reported; for a larger one, that would cost more than it gains. */
const maxPartlyAnswered = 100;
/** Between the batches while one stalls, so that they do not get small. */
const stalledPauseMs = 5;
/** The client bounds a delivery by its own timeout; past this much more it is not trusted any longer. */
const graceMs = 10_000;
const roomPollMs = 10;
/** A client that stopped tells why in an event, which may come after the failures of its records. */
const explanationPolls = 10;
const explanationPollMs = 20;

/** The records of which the client makes a report. */
export type Reports = 'failures' | 'all';

export interface DeliveriesOptions {
  readonly reports: Reports;
  readonly receipts: 'acknowledged' | 'offsets';
  readonly deliveryTimeoutMs: number;
  readonly acks: PartitionAcks;
}

interface Delivery extends Batch {
  readonly progress: BatchProgress;
  /** How many of the records that the client has taken have no report. */
  unreported: number;
  /** Of the values that the client has taken. */
  bytes: number;
  /** When its last record was produced, by `performance.now()`; `Infinity` until then. */
  producedAtMs: number;
  readonly settled: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/** The place of a record, which its report carries. */
interface Place {
  readonly delivery: Delivery;
  readonly position: number;
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
  /** Returns whether a record that failed may still be written: the brokers would not keep the order with the records of another producer. */
  isUncertain(): boolean;
  /** Resolves when all batches have their outcomes. */
  empty(): Promise<void>;
  /** Produces nothing more, and resolves when nothing uses the producer; records without an answer get one. */
  stop(): Promise<void>;
}

/**
 * Returns the deliveries of a producer.
 *
 * Where the client reports failures alone, a record is acknowledged when the client has none left and no
 * failure of it was reported. If the client still has some, the acknowledgements of the partitions say which. Where it reports all, a record is acknowledged
 * when its own report says so, and the next batch does not wait for it while few bytes are in flight: the client keeps the order.
 */
export function createDeliveries(producer: BatchProducer, options: DeliveriesOptions): Deliveries {
  const { reports: reported, receipts, deliveryTimeoutMs, acks } = options;
  const flushes = createFlushes(producer);
  const refusalOf = createRefusals();
  const acknowledgementOf = createAcknowledgements();
  const topicsOfSmallBatches = new Set<string>();
  const failures: Failure[] = [];
  /** Those that the client has. */
  let batches: Delivery[] = [];
  /** Those without their last outcome. */
  const unfinished = new Set<Delivery>();
  let reports = 0;
  let usable = true;
  let stopping = false;
  let isServing = false;
  let bytesInFlight = 0;
  /** Lets the batch begin that waits until fewer are in flight. */
  let onRoom: (() => void) | undefined;
  /** Batches that have news for their callers. */
  const partlyReported = new Set<Delivery>();
  /** Partitions with a record that timed out and none that was acknowledged later: from then on the brokers refuse the former. */
  const uncertain = new Set<string>();
  const onEmpty: (() => void)[] = [];

  function report(error: LibrdKafkaError | null, report: DeliveryReport): void {
    reports++;
    if (reported === 'failures') {
      if (error) {
        failures.push({ error, report });
        noteCertainty(error, report);
      }
      return;
    }
    const { delivery, position } = report.opaque as Place;
    const { topic, partition, offset } = report;
    if (error) fail(delivery, position, error);
    else if (receipts === 'offsets')
      delivery.outcomes[position] = { ok: true, receipt: { topic, partition, offset } };
    else delivery.outcomes[position] = acknowledgementOf(topic);
    noteCertainty(error, report);
    noteReported(delivery);
  }

  function noteCertainty(error: LibrdKafkaError | null, of: DeliveryReport): void {
    if (error && of.partition >= 0 && isTimedOut(error)) uncertain.add(partitionId(of));
    else if (!error && uncertain.size > 0) uncertain.delete(partitionId(of));
  }

  /** Ends a batch when all its records are reported; of some records of a small one its callers learn at the end of the turn. */
  function noteReported(batch: Delivery): void {
    batch.unreported--;
    if (batch.producedAtMs === Number.POSITIVE_INFINITY) return;
    if (batch.unreported === 0) end(batch);
    else if (batch.records.length <= maxPartlyAnswered) {
      if (partlyReported.size === 0) setImmediate(settleReported);
      partlyReported.add(batch);
    }
  }

  function settleReported(): void {
    for (const batch of partlyReported) if (batch.unreported > 0) settleSoFar(batch);
    partlyReported.clear();
  }

  function settleSoFar(batch: Delivery): void {
    batch.progress.settled(finalOutcomes(batch, aloneBytes));
  }

  /** @param again the batch of which the records are sent again */
  async function write(records: readonly PublishRecord[], progress: BatchProgress, again?: Delivery) {
    if (stopping) return records.map(() => unanswered(false));
    const isStalled = batches[0] !== undefined && performance.now() - batches[0].producedAtMs > stalledMs;
    const batch = begin(records, progress, again);
    let goOn: NodeJS.Timeout | undefined;
    try {
      await produceAll(batch, isStalled);
      // The client sends without lingering while a flush is in flight; this one is in flight between the others.
      if (reported === 'failures') void flushes.flush(1);
      else if (batch.unreported === 0) end(batch);
      if (!isServing) void serve();
      if (mayGoOn()) progress.goOn();
      else {
        onRoom = progress.goOn;
        goOn = setTimeout(progress.goOn, isStalled ? stalledPauseMs : stalledMs);
      }
      await batch.settled;
    } catch (error) {
      unfinished.delete(batch);
      throw error;
    } finally {
      clearTimeout(goOn);
      if (onRoom === progress.goOn) onRoom = undefined;
    }
    if (usable && !stopping) await sendRefusedAlone(batch);
    unfinished.delete(batch);
    if (!usable) await explain(batch);
    return batch.outcomes.map((outcome, position) => outcome ?? unanswered(position < batch.taken));
  }

  /** Batches that overlap cannot be sent again in smaller ones: they are not to be refused for their size. */
  function mayGoOn(): boolean {
    return (
      reported === 'all' &&
      batches.length < maxOverlapping &&
      bytesInFlight <= smallBatchBytes &&
      topicsOfSmallBatches.size === 0
    );
  }

  function begin(records: readonly PublishRecord[], progress: BatchProgress, again?: Delivery): Delivery {
    for (const other of unfinished) if (other !== again) other.overtaken = true;
    const { promise: settled, resolve, reject } = Promise.withResolvers<void>();
    const batch: Delivery = {
      records,
      outcomes: new Array(records.length).fill(undefined),
      acks: acks.follow(records),
      taken: 0,
      overtaken: false,
      progress,
      unreported: 0,
      bytes: 0,
      producedAtMs: Number.POSITIVE_INFINITY,
      settled,
      resolve,
      reject,
    };
    batches.push(batch);
    unfinished.add(batch);
    return batch;
  }

  function end(batch: Delivery): void {
    batch.resolve();
    const place = batches.indexOf(batch);
    if (place === -1) return;
    batches.splice(place, 1);
    bytesInFlight -= batch.bytes;
    if (onRoom && mayGoOn()) {
      const goOn = onRoom;
      onRoom = undefined;
      goOn();
    }
    if (batches.length === 0) for (const resolve of onEmpty.splice(0)) resolve();
  }

  /** @param isStalled a batch before stalls: no record can have a batch of its own, and none waits for that */
  async function produceAll(batch: Delivery, isStalled: boolean): Promise<void> {
    const giveUpAtMs = performance.now() + deliveryTimeoutMs + graceMs;
    let batchBytes = 0;
    let canBeEmpty = !isStalled;
    const untilEmpty = async () => {
      if (canBeEmpty) canBeEmpty = await flushes.untilEmpty(stalledMs);
    };
    // With those in flight, its records could make a batch of the client that its topic refuses.
    if (reported === 'all' && batches.length > 1 && valueBytes(batch) > smallBatchBytes) await untilEmpty();
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

  function valueBytes({ records }: Batch): number {
    return records.reduce((sum, { value }) => sum + value.length, 0);
  }

  /** Returns whether there was room for it. */
  function produce(batch: Delivery, position: number): boolean {
    const { topic, key, partition = null, value, headers } = batch.records[position] as PublishRecord;
    const refusal = refusalOf(topic, partition);
    if (refusal !== undefined) {
      batch.outcomes[position] = { ok: false, error: refusal };
      return true;
    }
    // An opaque is freed with its report only, and successes may have none.
    const opaque: Place | undefined = reported === 'all' ? { delivery: batch, position } : undefined;
    try {
      producer.produce(topic, partition, value, key, null, opaque, headers && toRdkafkaHeaders(headers));
      batch.unreported++;
      batch.bytes += value.length;
      bytesInFlight += value.length;
    } catch (error) {
      if (isQueueFull(error)) return false;
      fail(batch, position, error);
    }
    return true;
  }

  function fail({ records, outcomes, overtaken }: Batch, position: number, error: unknown): void {
    const { topic, partition, value } = records[position] as PublishRecord;
    const broken = isClientBroken(error);
    usable &&= !broken;
    const lastError = producer.getLastError();
    const cause = broken && isRefusal(lastError) ? lastError : error;
    const context = { topic, partition, sizeBytes: value.length, timeoutMs: deliveryTimeoutMs };
    const pusherError = toPusherError(cause, context);
    outcomes[position] = { ok: false, error: pusherError };
    const mayBeOthers = (records.length > 1 || overtaken || batches.length > 1) && value.length <= aloneBytes;
    if (mayBeOthers && MessageTooLargeError.isInstance(pusherError)) topicsOfSmallBatches.add(topic);
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
        // A report wakes a flush, which serves it at once.
        const timeoutMs =
          reported === 'all'
            ? longestFlushMs
            : flushMs(performance.now() - newest.producedAtMs, newest.records.length);
        // The answer of the flush need not include records that are produced while it is in flight.
        const isEmpty = await flushes.flush(timeoutMs);
        if (reported === 'all') await endUnreported(produced, isEmpty);
        else if (isEmpty) await settleAll(produced);
        else await settleSome(produced);
        if (stopping) for (const batch of produced) end(batch);
      }
    } catch (error) {
      usable = false;
      for (const batch of batches) batch.reject(error);
      batches = [];
      for (const resolve of onEmpty.splice(0)) resolve();
    } finally {
      isServing = false;
    }
  }

  async function settleAll(produced: readonly Delivery[]): Promise<void> {
    await reportsDrained();
    assignFailures(batches, failures, fail);
    for (const batch of produced) {
      acknowledgeAll(batch);
      end(batch);
    }
  }

  /** Reports end their batches. This ends those of which the client has no record left, or has one for too long. */
  async function endUnreported(produced: readonly Delivery[], isEmpty: boolean): Promise<void> {
    const areLeft = () => produced.some((batch) => batches.includes(batch));
    if (isEmpty && areLeft()) await reportsDrained();
    for (const batch of produced) {
      if (isEmpty) end(batch);
      else if (batches.includes(batch)) {
        endIfOverdue(batch);
        settleSoFar(batch);
      }
    }
  }

  function endIfOverdue(batch: Delivery): void {
    if (performance.now() <= batch.producedAtMs + deliveryTimeoutMs + graceMs) return;
    usable = false;
    end(batch);
  }

  /** Settles what is known while the client has some records still. */
  async function settleSome(produced: readonly Delivery[]): Promise<void> {
    const positions = produced.map(({ acks }) => acks.takeSettled());
    const isNew = positions.some(({ length }) => length > 0) || failures.length > 0;
    if (isNew) {
      await flushes.served();
      await reportsDrained();
      assignFailures(batches, failures, fail);
    }
    for (const [index, batch] of produced.entries()) {
      acknowledge(batch, positions[index] ?? []);
      if (!batch.outcomes.includes(undefined)) end(batch);
      else {
        endIfOverdue(batch);
        if (isNew) settleSoFar(batch);
      }
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

  /** Records that were refused for the size of their batch may be small themselves: each is sent again by itself, until another batch begins. */
  async function sendRefusedAlone(batch: Delivery): Promise<void> {
    for (const position of takeRefused(batch, aloneBytes)) {
      const record = batch.records[position] as PublishRecord;
      const refused = batch.outcomes[position];
      if (batch.overtaken && refused?.ok === false)
        batch.outcomes[position] = refusedBefore(record.topic, refused.error);
      else [batch.outcomes[position]] = await write([record], { settled() {}, goOn() {} }, batch);
    }
  }

  async function empty(): Promise<void> {
    if (batches.length > 0) await new Promise<void>((resolve) => onEmpty.push(resolve));
  }

  function unanswered(mayBeWritten: boolean): PublishOutcome {
    return { ok: false, error: new PublishTimedOutError(deliveryTimeoutMs, { mayBeWritten }) };
  }

  return {
    report,
    write,
    isUsable: () => usable,
    isUncertain: () => uncertain.size > 0,
    empty,
    async stop() {
      stopping = true;
      await empty();
      await flushes.served();
    },
  };
}
