import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import {
  MessageTooLargeError,
  PublishFailedError,
  PublishTimedOutError,
  type PusherError,
  TopicUnknownError,
} from '@preservarium/core';
import type { DeliveryReport, LibrdKafkaError, MessageHeader } from 'node-rdkafka';
import { isClientBroken, isQueueFull, isRefusal } from './rdkafka-failures.js';
import { toRdkafkaHeaders } from './rdkafka-headers.js';
import { toPusherError } from './to-pusher-error.js';

/** After so many records, other work of the process has its turn. */
const recordsPerTurn = 2000;
/**
 * Brokers refuse a batch as a whole when it is larger than its topic allows. A record above this size gets a batch of its
 * own, so that it is refused alone; and in topics that refused a batch of small records, no batch grows beyond a quarter.
 */
const aloneBytes = 64 * 1024;
const smallBatchBytes = aloneBytes / 4;
/** Up to this size the outcome of a batch is asked for without a pause. */
const maxUrgentRecords = 100;
/** The client bounds a delivery by its own timeout; past this much more it is not trusted any longer. */
const graceMs = 10_000;

export type ReportListener = (error: LibrdKafkaError | null, report: DeliveryReport) => void;

/** The part of node-rdkafka's producer that a batch needs. */
export interface BatchProducer {
  produce(
    topic: string,
    partition: number | null,
    value: Buffer,
    key: string | Buffer,
    timestamp: null,
    opaque: number | undefined,
    headers: MessageHeader[] | undefined,
  ): unknown;
  flush(timeoutMs: number, done: (error: LibrdKafkaError | null) => void): unknown;
  /** The last error that belonged to no record. */
  getLastError(): LibrdKafkaError | null;
}

export interface BatchOptions {
  readonly receipts: 'acknowledged' | 'offsets';
  readonly deliveryTimeoutMs: number;
  /** Topics that refused a batch because of its size; kept from batch to batch. */
  readonly topicsOfSmallBatches: Set<string>;
  /** Directs the delivery reports of the producer to this batch. */
  onReports(listener: ReportListener): void;
}

export interface BatchResult {
  readonly outcomes: readonly PublishOutcome[];
  /** `false`: the producer can do nothing more, or still has records of this batch. */
  readonly clientUsable: boolean;
}

interface Failure {
  readonly error: LibrdKafkaError;
  readonly report: DeliveryReport;
}

/**
 * Produces the records in their order, waits until nothing of them is left with the client, and only then returns the outcome
 * of each.
 *
 * With `acknowledged`, the client reports failures alone: a record is acknowledged when the client has none left and no
 * failure of it was reported. With `offsets`, it is acknowledged when its own report says so.
 */
export async function writeBatch(
  producer: BatchProducer,
  records: readonly PublishRecord[],
  options: BatchOptions,
): Promise<BatchResult> {
  const { receipts, deliveryTimeoutMs, topicsOfSmallBatches, onReports } = options;
  const outcomes: (PublishOutcome | undefined)[] = new Array(records.length);
  const failures: Failure[] = [];
  let reports = 0;
  let clientUsable = true;
  onReports((error, report) => {
    reports++;
    if (receipts === 'offsets') outcomes[report.opaque] = outcomeOf(error, report);
    else if (error) failures.push({ error, report });
  });

  const giveUpAtMs = performance.now() + deliveryTimeoutMs + graceMs;
  const produced = await produceAll();
  const complete = await flushAll(producer, giveUpAtMs, records.length);
  await reportsDrained();
  clientUsable &&= complete;

  if (receipts === 'acknowledged') {
    assignFailures();
    if (complete) acknowledgeFirst(produced);
  }
  if (clientUsable) await sendRefusedAlone();
  return {
    outcomes: records.map((_, position) => outcomes[position] ?? unanswered(position < produced)),
    clientUsable,
  };

  /** Returns how many records the client took; the others are not sent. */
  async function produceAll(): Promise<number> {
    let batchBytes = 0;
    for (const [position, { topic, value }] of records.entries()) {
      if (position > 0 && position % recordsPerTurn === 0) await nextTurn();
      batchBytes += value.length;
      const alone =
        value.length > aloneBytes || (batchBytes > smallBatchBytes && topicsOfSmallBatches.has(topic));
      if (alone && !(await flushAll(producer, giveUpAtMs))) return position;
      while (!produce(position)) {
        if (performance.now() > giveUpAtMs) return position;
        await flush(producer, 10);
      }
      if (alone) batchBytes = value.length;
      if (value.length > aloneBytes && !(await flushAll(producer, giveUpAtMs))) return position + 1;
    }
    return records.length;
  }

  /** Returns whether there was room for it. */
  function produce(position: number): boolean {
    const { topic, key, partition = null, value, headers } = records[position] as PublishRecord;
    if (partition !== null && !isPartitionNumber(partition)) {
      outcomes[position] = { ok: false, error: new TopicUnknownError(topic, { partition }) };
      return true;
    }
    // An opaque is freed with its report only, and successes have none in `acknowledged`.
    const opaque = receipts === 'offsets' ? position : undefined;
    try {
      producer.produce(topic, partition, value, key, null, opaque, headers && toRdkafkaHeaders(headers));
    } catch (error) {
      if (isQueueFull(error)) return false;
      outcomes[position] = failed(error, position);
    }
    return true;
  }

  function outcomeOf(error: LibrdKafkaError | null, report: DeliveryReport): PublishOutcome {
    if (error) return failed(error, report.opaque);
    const { topic, partition, offset } = report;
    return { ok: true, receipt: { topic, partition, offset } };
  }

  function failed(error: unknown, position: number): PublishOutcome {
    const { topic, partition, value } = records[position] as PublishRecord;
    const broken = isClientBroken(error);
    clientUsable &&= !broken;
    const lastError = producer.getLastError();
    const cause = broken && isRefusal(lastError) ? lastError : error;
    return {
      ok: false,
      error: toPusherError(cause, {
        topic,
        partition,
        sizeBytes: value.length,
        timeoutMs: deliveryTimeoutMs,
      }),
    };
  }

  /** Reports reach JavaScript by the hundred in a turn, after the flush: a whole turn without one was the end of them. */
  async function reportsDrained(): Promise<void> {
    await nextTurn();
    for (let known = -1; known < reports; ) {
      known = reports;
      await nextTurn();
    }
  }

  function assignFailures(): void {
    if (failures.length === 0) return;
    const positions = new Map<string, number[]>();
    for (let position = records.length - 1; position >= 0; position--) {
      if (outcomes[position] !== undefined) continue;
      const { topic, key, partition, value } = records[position] as PublishRecord;
      const content = contentOf(topic, partition, key, value);
      const same = positions.get(content);
      if (same) same.push(position);
      else positions.set(content, [position]);
    }
    for (const { error, report } of failures) {
      const { topic, partition, key, value } = report;
      // Records of the same content differ in the partition that they name, or in that they name none.
      const position =
        positions.get(contentOf(topic, partition, key, value))?.pop() ??
        positions.get(contentOf(topic, undefined, key, value))?.pop();
      if (position === undefined)
        throw new Error(`a failure belongs to no record of its batch: ${error.message}`);
      outcomes[position] = failed(error, position);
    }
  }

  function acknowledgeFirst(count: number): void {
    const byTopic = new Map<string, PublishOutcome>();
    for (let position = 0; position < count; position++) {
      if (outcomes[position] !== undefined) continue;
      const { topic } = records[position] as PublishRecord;
      let outcome = byTopic.get(topic);
      if (outcome === undefined) {
        outcome = Object.freeze({ ok: true, receipt: Object.freeze({ topic }) });
        byTopic.set(topic, outcome);
      }
      outcomes[position] = outcome;
    }
  }

  /** Records that were refused for the size of their batch may be small themselves: each is sent again by itself. */
  async function sendRefusedAlone(): Promise<void> {
    if (records.length === 1 || !outcomes.some(isTooLarge)) return;
    const written = new Set<string>();
    const refused: number[] = [];
    for (let position = records.length - 1; position >= 0; position--) {
      const { topic, key, value } = records[position] as PublishRecord;
      const outcome = outcomes[position];
      const device = `${topic}\n${keyText(key)}`;
      if (outcome === undefined) continue;
      if (outcome.ok) written.add(device);
      else if (isTooLarge(outcome) && value.length <= aloneBytes) {
        topicsOfSmallBatches.add(topic);
        if (written.has(device)) outcomes[position] = refusedBefore(topic, outcome.error);
        else refused.push(position);
      }
    }
    for (const position of refused.reverse()) {
      const again = await writeBatch(producer, [records[position] as PublishRecord], options);
      outcomes[position] = again.outcomes[0];
      clientUsable &&= again.clientUsable;
    }
  }

  function unanswered(mayBeWritten: boolean): PublishOutcome {
    return { ok: false, error: new PublishTimedOutError(deliveryTimeoutMs, { mayBeWritten }) };
  }
}

/** The client takes any number and makes 32 bits of it, and would choose the partition itself for -1. */
function isPartitionNumber(partition: number): boolean {
  return partition >= 0 && partition === partition >> 0;
}

function isTooLarge(outcome: PublishOutcome | undefined): boolean {
  return outcome?.ok === false && MessageTooLargeError.isInstance(outcome.error);
}

function refusedBefore(topic: string, cause: PusherError): PublishOutcome {
  const error = new PublishFailedError(
    `"${topic}" refused the batch it was in, and a later record of the same key is written: sent now, it would be out of order`,
    { cause },
  );
  return { ok: false, error };
}

/**
 * Waits until the client has neither records nor reports left; `false` when it still had at the deadline. A success wakes
 * nobody in the client, whose flush looks every 10 ms: asking it anew is what makes a lone push fast. Behind a large batch the
 * thread has better things to do than to ask without a pause.
 */
async function flushAll(producer: BatchProducer, giveUpAtMs: number, count = 1): Promise<boolean> {
  // The client sends without lingering while a flush is in flight; this one is in flight between the others.
  void flush(producer, 1);
  const startedAtMs = performance.now();
  for (;;) {
    const elapsedMs = performance.now() - startedAtMs;
    const isUrgent = elapsedMs < 2 && count <= maxUrgentRecords;
    const error = await flush(producer, isUrgent ? 0 : elapsedMs < 200 ? 1 : 100);
    if (!error) return true;
    if (performance.now() > giveUpAtMs) return false;
  }
}

function flush(producer: BatchProducer, timeoutMs: number): Promise<LibrdKafkaError | null> {
  return new Promise((resolve) => {
    producer.flush(timeoutMs, resolve);
  });
}

function contentOf(
  topic: string,
  partition: number | undefined,
  key: DeliveryReport['key'],
  value: Buffer | null | undefined,
): string {
  return `${topic}\n${partition ?? ''}\n${keyText(key)}\n${value?.toString('latin1') ?? ''}`;
}

/** Differs where the bytes of keys differ. */
function keyText(key: DeliveryReport['key']): string {
  return (typeof key === 'string' ? Buffer.from(key) : key)?.toString('latin1') ?? '';
}
