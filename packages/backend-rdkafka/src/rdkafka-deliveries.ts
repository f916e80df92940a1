import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import type { BatchProgress } from '@preservarium/backend-kit';
import { PublishTimedOutError } from '@preservarium/core';
import type { DeliveryReport, LibrdKafkaError } from 'node-rdkafka';
import { refusedBefore, takeRefused } from './rdkafka-batch.js';
import { aloneBytes, createBatchSizes } from './rdkafka-batch-sizes.js';
import { type BatchProducer, createFlushes } from './rdkafka-flushes.js';
import { createInFlight, type Delivery } from './rdkafka-in-flight.js';
import type { PartitionAcks } from './rdkafka-partition-acks.js';
import { createProduction, stalledMs } from './rdkafka-production.js';
import { createReports, type Reported } from './rdkafka-reports.js';
import { createSettlement } from './rdkafka-settlement.js';

/** Between the batches while one stalls, so that they do not get small. */
const stalledPauseMs = 5;
/** The client bounds a delivery by its own timeout; past this much more it is not trusted any longer. */
const graceMs = 10_000;

export interface DeliveriesOptions {
  readonly reports: Reported;
  readonly receipts: 'acknowledged' | 'offsets';
  readonly deliveryTimeoutMs: number;
  readonly acks: PartitionAcks;
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
 * Returns the deliveries of a producer: `rdkafka-production.ts` gives it records, `rdkafka-reports.ts` takes its reports, `rdkafka-settlement.ts` asks for the rest.
 * Where the client reports all records, a record is acknowledged when its own report says so, and the next batch does not wait for it while few bytes are in
 * flight: the client keeps the order.
 */
export function createDeliveries(producer: BatchProducer, options: DeliveriesOptions): Deliveries {
  const { reports: reported, receipts, deliveryTimeoutMs, acks } = options;
  const overdueMs = deliveryTimeoutMs + graceMs;
  const flushes = createFlushes(producer);
  const sizes = createBatchSizes();
  // Batches that overlap cannot be sent again in smaller ones: they are not to be refused for their size.
  const inFlight = createInFlight(acks, () => reported === 'all' && !sizes.anyRefused());
  const production = createProduction({
    producer,
    reported,
    deliveryTimeoutMs,
    overdueMs,
    flushes,
    inFlight,
    sizes,
  });
  const reports = createReports({ reported, receipts, inFlight, fail: production.fail });
  const serve = createSettlement({ reported, overdueMs, flushes, inFlight, reports, production });

  /** @param again the batch of which the records are sent again */
  async function write(records: readonly PublishRecord[], progress: BatchProgress, again?: Delivery) {
    if (production.isStopping()) return records.map(() => unanswered(false));
    const [oldest] = inFlight.batches();
    const isStalled = oldest !== undefined && performance.now() - oldest.producedAtMs > stalledMs;
    const batch = inFlight.begin(records, progress, again);
    try {
      await production.produce(batch, isStalled);
      // The client sends without lingering while a flush is in flight; this one is in flight between the others.
      if (reported === 'failures') void flushes.flush(1);
      else if (batch.unreported === 0) inFlight.end(batch);
      void serve();
      const stopWaiting = inFlight.goOn(progress, isStalled ? stalledPauseMs : stalledMs);
      await batch.settled.finally(stopWaiting);
    } catch (error) {
      inFlight.finish(batch);
      throw error;
    }
    if (production.isUsable() && !production.isStopping()) await sendRefusedAlone(batch);
    inFlight.finish(batch);
    if (!production.isUsable()) await production.explain(batch);
    return batch.outcomes.map((outcome, position) => outcome ?? unanswered(position < batch.taken));
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

  function unanswered(mayBeWritten: boolean): PublishOutcome {
    return { ok: false, error: new PublishTimedOutError(deliveryTimeoutMs, { mayBeWritten }) };
  }

  return {
    report: reports.take,
    write,
    isUsable: production.isUsable,
    isUncertain: reports.isUncertain,
    empty: inFlight.empty,
    async stop() {
      production.stop();
      await inFlight.empty();
      await flushes.served();
    },
  };
}
