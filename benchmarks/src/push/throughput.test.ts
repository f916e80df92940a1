import { expect, test } from 'vitest';
import { describe, isComplete, type ThroughputMeasurement } from './throughput.js';

const faultless: ThroughputMeasurement = {
  contestant: 'theirs',
  round: 2,
  commands: 10_000,
  bytes: 300,
  elapsedMs: 500,
  unacknowledged: 0,
  missing: 0,
  repeated: 0,
  outOfOrder: 0,
};

test('a measurement in which nothing is wrong is complete', () => {
  expect(isComplete(faultless)).toBe(true);
  expect(describe(faultless)).toBe('round 2, theirs, 300 bytes: 20,000 commands/s');
});

test.each(['unacknowledged', 'missing', 'repeated', 'outOfOrder'] as const)(
  'a measurement with a command %s is not complete, and says so',
  (fault) => {
    const faulty = { ...faultless, [fault]: 1 };
    expect(isComplete(faulty)).toBe(false);
    expect(describe(faulty)).toMatch(
      /^round 2, theirs, .*\b1 (not acknowledged|missing|repeated|out of order)/,
    );
  },
);

test('a process that failed is no complete measurement, and its reason is named', () => {
  const failed: ThroughputMeasurement = {
    contestant: 'theirs',
    round: 2,
    commands: 10_000,
    bytes: 300,
    failure: 'java failed',
  };
  expect(isComplete(failed)).toBe(false);
  expect(describe(failed)).toBe('round 2, theirs, 300 bytes: failed, java failed');
});
