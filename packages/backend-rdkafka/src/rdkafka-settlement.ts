import { acknowledge, acknowledgeAll, assignFailures } from './rdkafka-batch.js';
import { type Flushes, flushMs, longestFlushMs } from './rdkafka-flushes.js';
import type { Delivery, InFlight } from './rdkafka-in-flight.js';
import type { Production } from './rdkafka-production.js';
import { type Reported, type Reports, reportOutcomes } from './rdkafka-reports.js';

export interface SettlementOptions {
  readonly reported: Reported;
  /** The client is not trusted any longer with a batch that it has had for so long. */
  readonly overdueMs: number;
  readonly flushes: Flushes;
  readonly inFlight: InFlight;
  readonly reports: Reports;
  readonly production: Production;
}

/**
 * Returns a function that asks the client again and again what it has left, until all batches are settled; called while it does so, it changes nothing.
 *
 * Where the client reports failures alone, a record is acknowledged when the client has none left and no
 * failure of it was reported. If the client still has some, the acknowledgements of the partitions say which.
 */
export function createSettlement(options: SettlementOptions): () => Promise<void> {
  const { reported, overdueMs, flushes, inFlight, reports, production } = options;
  let isServing = false;

  async function serve(): Promise<void> {
    if (isServing) return;
    isServing = true;
    try {
      for (;;) {
        const produced = inFlight
          .batches()
          .filter(({ producedAtMs }) => producedAtMs < Number.POSITIVE_INFINITY);
        if (produced.length === 0) break;
        await settle(produced);
        if (production.isStopping()) for (const batch of produced) inFlight.end(batch);
      }
    } catch (error) {
      production.break();
      inFlight.fail(error);
    } finally {
      isServing = false;
    }
  }

  async function settle(produced: readonly Delivery[]): Promise<void> {
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
  }

  async function settleAll(produced: readonly Delivery[]): Promise<void> {
    await assignReported();
    for (const batch of produced) {
      acknowledgeAll(batch);
      inFlight.end(batch);
    }
  }

  /** Reports end their batches. This ends those of which the client has no record left, or has one for too long. */
  async function endUnreported(produced: readonly Delivery[], isEmpty: boolean): Promise<void> {
    const isLeft = (batch: Delivery) => inFlight.batches().includes(batch);
    if (isEmpty && produced.some(isLeft)) await reports.drained();
    for (const batch of produced) {
      if (isEmpty) inFlight.end(batch);
      else if (isLeft(batch)) {
        endIfOverdue(batch);
        reportOutcomes(batch);
      }
    }
  }

  function endIfOverdue(batch: Delivery): void {
    if (performance.now() <= batch.producedAtMs + overdueMs) return;
    production.break();
    inFlight.end(batch);
  }

  /** Settles what is known while the client has some records still. */
  async function settleSome(produced: readonly Delivery[]): Promise<void> {
    const positions = produced.map(({ acks }) => acks.takeSettled());
    const isNew = positions.some(({ length }) => length > 0) || reports.failures.length > 0;
    if (isNew) {
      await flushes.served();
      await assignReported();
    }
    for (const [index, batch] of produced.entries()) {
      acknowledge(batch, positions[index] ?? []);
      if (!batch.outcomes.includes(undefined)) inFlight.end(batch);
      else {
        endIfOverdue(batch);
        if (isNew) reportOutcomes(batch);
      }
    }
  }

  async function assignReported(): Promise<void> {
    await reports.drained();
    assignFailures(inFlight.batches(), reports.failures, production.fail);
  }

  return serve;
}
