import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from '../../test/arbitrary-command.js';
import { formatInstant } from './instant.js';

test('formats any date as toISOString does, also after others of the same second', {
  timeout: 30_000,
}, () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: -2_000, max: 2_000 }), (date, distanceMs) => {
      const near = new Date(date.getTime() + distanceMs);
      expect([formatInstant(date), formatInstant(near)]).toEqual([date.toISOString(), near.toISOString()]);
    }),
  );
});

test('an invalid date is a ValidationError', () => {
  expect(() => formatInstant(new Date(Number.NaN))).toThrow('invalid timestamp: the date is invalid');
});
