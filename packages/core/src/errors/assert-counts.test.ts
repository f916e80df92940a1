import { expect, test } from 'vitest';
import { assertCounts, assertDurations, ConfigurationError } from '../index.js';

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '7', null])(
  '%s is no count',
  (value) => {
    const assert = () => assertCounts({ maxWaiting: 1, maxRememberedIds: value as number });
    expect(assert).toThrow(ConfigurationError);
    expect(assert).toThrow(`maxRememberedIds: ${value} is not a whole number from 1 to 9007199254740991`);
  },
);

test.each([-1, Number.NaN, '7', null])('%s is no duration', (value) => {
  const assert = () => assertDurations({ timeoutMs: value as number });
  expect(assert).toThrow(ConfigurationError);
  expect(assert).toThrow(`timeoutMs: ${value} is not a number of milliseconds from 0`);
});

test('other values are, and an absent option is', () => {
  assertCounts({ maxWaiting: 1, maxRememberedIds: undefined, maxInFlight: Number.MAX_SAFE_INTEGER });
  assertDurations({
    timeoutMs: 0,
    drainTimeoutMs: 0.5,
    maxWaitMs: Number.POSITIVE_INFINITY,
    backoffMs: undefined,
  });
});
