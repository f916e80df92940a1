import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import { MessageTooLargeError, PublishFailedError, type PusherError } from '@preservarium/core';
import type { DeliveryReport, LibrdKafkaError } from 'node-rdkafka';
import type { BatchAcks } from './rdkafka-partition-acks.js';

/** A report of a record that failed. */
export interface Failure {
  readonly error: LibrdKafkaError;
  readonly report: DeliveryReport;
}

/** Records that were given to the client together. */
export interface Batch {
  readonly records: readonly PublishRecord[];
  readonly outcomes: (PublishOutcome | undefined)[];
  readonly acks: BatchAcks;
  /** How many records the client has taken. */
  taken: number;
  /** True once a later batch has begun: a record sent again would be out of order. */
  overtaken: boolean;
}

/**
 * Finds the records that failed by their content, in the oldest batch that has one without outcome.
 *
 * @throws if a failure belongs to no record
 */
export function assignFailures(
  batches: readonly Batch[],
  failures: Failure[],
  fail: (batch: Batch, position: number, error: LibrdKafkaError) => void,
): void {
  if (failures.length === 0) return;
  const places = new Map<string, { readonly batch: Batch; readonly position: number }[]>();
  for (const batch of batches.toReversed()) {
    for (let position = batch.taken - 1; position >= 0; position--) {
      if (batch.outcomes[position] !== undefined) continue;
      const { topic, key, partition, value } = batch.records[position] as PublishRecord;
      const content = contentOf(topic, partition, key, value);
      const same = places.get(content);
      if (same) same.push({ batch, position });
      else places.set(content, [{ batch, position }]);
    }
  }
  for (const { error, report } of failures.splice(0)) {
    const { topic, partition, key, value } = report;
    // Records of the same content differ in the partition that they name, or in that they name none.
    const place =
      places.get(contentOf(topic, partition, key, value))?.pop() ??
      places.get(contentOf(topic, undefined, key, value))?.pop();
    if (place === undefined) throw new Error(`a failure belongs to no record of its batch: ${error.message}`);
    fail(place.batch, place.position, error);
  }
}

/** Acknowledges the records at these positions that have no outcome. */
export function acknowledge(batch: Batch, positions: readonly number[]): void {
  const acknowledgeAt = createAcknowledgement(batch);
  for (const position of positions) acknowledgeAt(position);
}

/** Acknowledges all records that the client took and that have no outcome. */
export function acknowledgeAll(batch: Batch): void {
  const acknowledgeAt = createAcknowledgement(batch);
  for (let position = 0; position < batch.taken; position++) acknowledgeAt(position);
}

function createAcknowledgement({ records, outcomes }: Batch): (position: number) => void {
  const acknowledgementOf = createAcknowledgements();
  return (position) => {
    if (outcomes[position] !== undefined) return;
    outcomes[position] = acknowledgementOf((records[position] as PublishRecord).topic);
  };
}

/** Returns a function that returns the outcome of an acknowledged record of a topic: one for many records, most of which have one topic. */
export function createAcknowledgements(): (topic: string) => PublishOutcome {
  let lastTopic: string | undefined;
  let last: PublishOutcome = { ok: true, receipt: { topic: '' } };
  return (topic) => {
    if (topic !== lastTopic) {
      last = Object.freeze({ ok: true, receipt: Object.freeze({ topic }) });
      lastTopic = topic;
    }
    return last;
  };
}

/**
 * Returns the positions of the records up to `maxBytes` that were refused for the size of their batch, and that can be sent again. Those of a
 * key of which a later record may be written cannot: they get their outcome here.
 */
export function takeRefused({ records, outcomes, overtaken }: Batch, maxBytes: number): number[] {
  if (records.length === 1 || !outcomes.some(isTooLarge)) return [];
  const written = new Set<string>();
  const refused: number[] = [];
  for (let position = records.length - 1; position >= 0; position--) {
    const record = records[position] as PublishRecord;
    const outcome = outcomes[position];
    if (outcome === undefined) continue;
    const device = deviceOf(record);
    if (outcome.ok) written.add(device);
    else if (isTooLarge(outcome) && record.value.length <= maxBytes) {
      if (overtaken || written.has(device)) outcomes[position] = refusedBefore(record.topic, outcome.error);
      else refused.push(position);
    }
  }
  return refused.reverse();
}

/** Returns the outcomes without those of records that may be sent again. */
export function finalOutcomes(
  { records, outcomes }: Batch,
  maxBytes: number,
): (PublishOutcome | undefined)[] {
  return outcomes.map((outcome, position) =>
    isTooLarge(outcome) && (records[position] as PublishRecord).value.length <= maxBytes
      ? undefined
      : outcome,
  );
}

function isTooLarge(outcome: PublishOutcome | undefined): boolean {
  return outcome?.ok === false && MessageTooLargeError.isInstance(outcome.error);
}

/** Returns the outcome of a record that was refused with its batch and is not sent again. */
export function refusedBefore(topic: string, cause: PusherError): PublishOutcome {
  const error = new PublishFailedError(
    `"${topic}" refused the batch it was in, and a later record of the same key may be written: sent now, it would be out of order`,
    { cause },
  );
  return { ok: false, error };
}

function deviceOf({ topic, key }: PublishRecord): string {
  return `${topic}\n${keyText(key)}`;
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
