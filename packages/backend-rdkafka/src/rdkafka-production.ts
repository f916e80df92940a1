import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { PublishRecord } from '@preservarium/backend';
import { MessageTooLargeError } from '@preservarium/core';
import type { Batch } from './rdkafka-batch.js';
import { aloneBytes, type BatchSizes, smallBatchBytes } from './rdkafka-batch-sizes.js';
import { isClientBroken, isQueueFull, isRefusal } from './rdkafka-failures.js';
import type { BatchProducer, Flushes } from './rdkafka-flushes.js';
import { toRdkafkaHeaders } from './rdkafka-headers.js';
import type { Delivery, InFlight, Place } from './rdkafka-in-flight.js';
import { createRefusals } from './rdkafka-refusals.js';
import type { Reported } from './rdkafka-reports.js';
import { toPusherError } from './to-pusher-error.js';

/** After so many records, other work of the process has its turn. */
const recordsPerTurn = 2000;
/** A batch that is not acknowledged by then does not hold up the next one. */
export const stalledMs = 500;
const roomPollMs = 10;
/** A client that stopped tells why in an event, which may come after the failures of its records. */
const explanationPolls = 10;
const explanationPollMs = 20;

export interface ProductionOptions {
  readonly producer: BatchProducer;
  readonly reported: Reported;
  readonly deliveryTimeoutMs: number;
  /** A record for which the client has no room by then has no answer. */
  readonly overdueMs: number;
  readonly flushes: Flushes;
  readonly inFlight: InFlight;
  readonly sizes: BatchSizes;
}

/** Gives records to the client, and takes what it refuses. */
export interface Production {
  /** @param isStalled a batch before stalls: no record can have a batch of its own, and none waits for that */
  produce(batch: Delivery, isStalled: boolean): Promise<void>;
  /** Gives a record the outcome of an error of the client. */
  fail(batch: Batch, position: number, error: unknown): void;
  /** Gives the records that failed because the client stopped the reason why it did, if that is a refusal. */
  explain(batch: Batch): Promise<void>;
  /** Nothing more is produced from now on. */
  stop(): void;
  isStopping(): boolean;
  /** The producer can do nothing more. */
  break(): void;
  isUsable(): boolean;
}

export function createProduction(options: ProductionOptions): Production {
  const { producer, reported, deliveryTimeoutMs, flushes, inFlight, sizes } = options;
  const refusalOf = createRefusals();
  let usable = true;
  let stopping = false;

  async function produce(batch: Delivery, isStalled: boolean): Promise<void> {
    const giveUpAtMs = performance.now() + options.overdueMs;
    let batchBytes = 0;
    let canBeEmpty = !isStalled;
    const untilEmpty = async () => {
      if (canBeEmpty) canBeEmpty = await flushes.untilEmpty(stalledMs);
    };
    // With those in flight, its records could make a batch of the client that its topic refuses.
    if (reported === 'all' && inFlight.batches().length > 1 && valueBytes(batch) > smallBatchBytes) {
      await untilEmpty();
    }
    for (const [position, { topic, value }] of batch.records.entries()) {
      if (position > 0 && position % recordsPerTurn === 0) await nextTurn();
      batchBytes += value.length;
      const alone = sizes.beginsBatch(topic, value.length, batchBytes);
      if (alone) await untilEmpty();
      while (!stopping && !produceOne(batch, position)) {
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
  function produceOne(batch: Delivery, position: number): boolean {
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
      inFlight.noteTaken(batch, value.length);
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
    const mayBeOthers = records.length > 1 || overtaken || inFlight.batches().length > 1;
    const isSmall = value.length <= aloneBytes;
    if (mayBeOthers && isSmall && MessageTooLargeError.isInstance(pusherError)) sizes.noteRefused(topic);
  }

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

  return {
    produce,
    fail,
    explain,
    stop() {
      stopping = true;
    },
    isStopping: () => stopping,
    break() {
      usable = false;
    },
    isUsable: () => usable,
  };
}

function valueBytes({ records }: Batch): number {
  return records.reduce((sum, { value }) => sum + value.length, 0);
}
