import { settledWithin } from '@preservarium/concurrency';
import type { LastingProducer } from './rdkafka-lasting-producer.js';

/** Up to so many records, a report for each costs less than the wait until all of a batch are acknowledged. */
const maxFewRecords = 50;
/** A producer with records that are not acknowledged by then is not waited for. */
const stalledMs = 500;

export interface ProducerChoiceOptions {
  /** Reports each record. */
  readonly few: LastingProducer;
  /** Reports failures alone; the same one where each record must be reported. */
  readonly many: LastingProducer;
  readonly connectWithinMs: number;
}

/**
 * Returns a function that returns the producer for a batch of so many records, which goes to another one than the batch before only when that one
 * has nothing left: the brokers keep the order of the records of one producer, and not of two.
 */
export function createProducerChoice({
  few,
  many,
  connectWithinMs,
}: ProducerChoiceOptions): (records: number) => LastingProducer | Promise<LastingProducer> {
  let current = few;
  let isStalled = false;

  function choose(records: number): LastingProducer | Promise<LastingProducer> {
    const wanted = records > maxFewRecords ? many : few;
    if (wanted === current) return current;
    if (!wanted.isConnected()) {
      wanted.connect(connectWithinMs).catch(() => {});
      return current;
    }
    if (current.isDone()) return changeTo(wanted);
    if (isStalled || current === many) return current;
    return changeWhenEmpty(wanted);
  }

  function changeTo(wanted: LastingProducer): LastingProducer {
    isStalled = false;
    current = wanted;
    return current;
  }

  async function changeWhenEmpty(wanted: LastingProducer): Promise<LastingProducer> {
    await settledWithin(current.empty(), stalledMs);
    if (current.isDone()) return changeTo(wanted);
    isStalled = true;
    return current;
  }

  return choose;
}
