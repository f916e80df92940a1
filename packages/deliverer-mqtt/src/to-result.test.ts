import { expect, test } from 'vitest';
import { toResult } from './to-result.js';

const delivered = { kind: 'delivered', evidence: 'gateway' };

test.each([
  [0x00, delivered],
  [0x10, { kind: 'retryable', unreachable: true }],
  [0x80, { kind: 'retryable', unreachable: false }],
  [0x83, { kind: 'retryable', unreachable: false }],
  [0x87, { kind: 'rejected', reason: expect.stringContaining('0x87, not authorized') }],
  [0x90, { kind: 'rejected', reason: expect.stringContaining('0x90, topic name invalid') }],
  [0x91, { kind: 'retryable', unreachable: false }],
  [0x92, { kind: 'retryable', unreachable: false }],
  [0x97, { kind: 'retryable', unreachable: false, reason: expect.stringContaining('0x97, quota exceeded') }],
  [0x99, { kind: 'rejected', reason: expect.stringContaining('0x99, payload format invalid') }],
  [0xff, { kind: 'retryable', unreachable: false, reason: expect.stringContaining('0xff, unknown reason') }],
])('reason code 0x%s', (reasonCode, result) => {
  expect(toResult({ reasonCode, retain: false })).toMatchObject(result);
});

test('a retained message is for those who subscribe later', () => {
  expect(toResult({ reasonCode: 0x10, retain: true })).toEqual(delivered);
});

test("the broker's own words are passed on", () => {
  expect(toResult({ reasonCode: 0x97, reasonString: '100 a day', retain: false })).toMatchObject({
    reason: 'the broker answered 0x97, quota exceeded: 100 a day',
  });
});
