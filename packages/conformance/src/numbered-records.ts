import assert from 'node:assert/strict';
import type { ConsumedRecord, PublishOutcome, PublishRecord } from '@preservarium/backend';

/** `count` records dealt in turn to `keys`; the value of each begins with its number, so the numbers of a key rise. */
export function numberedRecords(
  topic: string,
  count: number,
  { keys = 7, valueBytes = 100 }: { readonly keys?: number; readonly valueBytes?: number } = {},
): PublishRecord[] {
  return Array.from({ length: count }, (_, number) => ({
    topic,
    key: `device-${number % keys}`,
    value: Buffer.from(`${number} `.padEnd(valueBytes, 'x')),
  }));
}

export function numberOf({ value }: { readonly value: Buffer | null }): number {
  return Number.parseInt(String(value), 10);
}

/** Every number from 0 to `count - 1` is there exactly once, and the numbers of each key rise. */
export function assertCompleteAndInOrder(records: readonly ConsumedRecord[], count: number): void {
  const numbers = records.map(numberOf).sort((a, b) => a - b);
  assert.deepEqual(
    numbers,
    Array.from({ length: count }, (_, number) => number),
    'every record is in the topic once',
  );
  assertInOrder(records);
}

function assertInOrder(records: readonly ConsumedRecord[]): void {
  const lastOfKey = new Map<string, number>();
  for (const record of records) {
    const key = String(record.key);
    const number = numberOf(record);
    const last = lastOfKey.get(key) ?? -1;
    assert.ok(number > last, `${key}: record ${number} is written after record ${last}`);
    lastOfKey.set(key, number);
  }
}

export function assertAllAcknowledged(outcomes: readonly PublishOutcome[], count: number): void {
  assert.equal(outcomes.length, count, 'one outcome for each record');
  for (const outcome of outcomes) {
    if (!outcome.ok) assert.ifError(outcome.error);
  }
}

/** `ok` or the code of the error, for each outcome. */
export function codesOf(outcomes: readonly PublishOutcome[]): string[] {
  return outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code));
}
