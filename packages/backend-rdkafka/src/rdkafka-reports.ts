import { setImmediate as nextTurn } from 'node:timers/promises';
import { partitionId } from '@preservarium/backend-kit';
import type { DeliveryReport, LibrdKafkaError } from 'node-rdkafka';
import { createAcknowledgements, type Failure, finalOutcomes } from './rdkafka-batch.js';
import { aloneBytes } from './rdkafka-batch-sizes.js';
import { isTimedOut } from './rdkafka-failures.js';
import type { Delivery, InFlight, Place } from './rdkafka-in-flight.js';

/** Callers of a batch of this size learn of their reports before all of it is reported; for a larger one, that would cost more than it gains. */
const maxPartlyAnswered = 100;

/** The records of which the client makes a report. */
export type Reported = 'failures' | 'all';

export interface ReportsOptions {
  readonly reported: Reported;
  readonly receipts: 'acknowledged' | 'offsets';
  readonly inFlight: InFlight;
  fail(batch: Delivery, position: number, error: LibrdKafkaError): void;
}

/** The delivery reports of a producer. */
export interface Reports {
  take(error: LibrdKafkaError | null, report: DeliveryReport): void;
  /** Failures whose batch is not known yet, where the client reports failures alone. */
  readonly failures: Failure[];
  /** Resolves when all reports that the client has handed over have reached this. */
  drained(): Promise<void>;
  /** Returns whether a record that failed may still be written. */
  isUncertain(): boolean;
}

export function createReports({ reported, receipts, inFlight, fail }: ReportsOptions): Reports {
  const acknowledgementOf = createAcknowledgements();
  const failures: Failure[] = [];
  let count = 0;
  /** Batches that have news for their callers. */
  const partlyReported = new Set<Delivery>();
  /** Partitions with a record that timed out and none that was acknowledged later: from then on the brokers refuse the former. */
  const uncertain = new Set<string>();

  function noteCertainty(error: LibrdKafkaError | null, of: DeliveryReport): void {
    if (error && of.partition >= 0 && isTimedOut(error)) uncertain.add(partitionId(of));
    else if (!error && uncertain.size > 0) uncertain.delete(partitionId(of));
  }

  /** Ends a batch when all its records are reported; of some records of a small one its callers learn at the end of the turn. */
  function noteReported(batch: Delivery): void {
    batch.unreported--;
    if (batch.producedAtMs === Number.POSITIVE_INFINITY) return;
    if (batch.unreported === 0) inFlight.end(batch);
    else if (batch.records.length <= maxPartlyAnswered) {
      if (partlyReported.size === 0) setImmediate(settleReported);
      partlyReported.add(batch);
    }
  }

  function settleReported(): void {
    for (const batch of partlyReported) if (batch.unreported > 0) reportOutcomes(batch);
    partlyReported.clear();
  }

  return {
    failures,
    take(error, report) {
      count++;
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
    },
    // Reports reach JavaScript by the hundred in a turn, after the flush: a whole turn without one was the end of them.
    async drained() {
      await nextTurn();
      for (let known = -1; known < count; ) {
        known = count;
        await nextTurn();
      }
    },
    isUncertain: () => uncertain.size > 0,
  };
}

/** Gives the callers of a batch the outcomes that are known. */
export function reportOutcomes(batch: Delivery): void {
  batch.progress.settled(finalOutcomes(batch, aloneBytes));
}
