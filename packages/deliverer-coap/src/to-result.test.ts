import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CoapAnswer } from './coap-exchange-outcome.js';
import { toResult } from './to-result.js';

function resultOf(answer: Partial<CoapAnswer>) {
  return toResult({
    kind: 'answered',
    answer: {
      code: '2.04',
      contentType: undefined,
      maxAgeSeconds: undefined,
      payload: Buffer.alloc(0),
      ...answer,
    },
  });
}

test.each(['2.01', '2.02', '2.03', '2.04', '2.05'])(
  '%s is delivered, with the evidence of the device',
  (code) => {
    expect(resultOf({ code })).toEqual({ kind: 'delivered', evidence: 'device' });
  },
);

test.each(['4.00', '4.01', '4.02', '4.03', '4.04', '4.05', '4.06', '4.09', '4.12', '4.13', '4.15', '4.22'])(
  '%s is rejected',
  (code) => {
    expect(resultOf({ code })).toEqual({ kind: 'rejected', reason: `the device answered ${code}` });
  },
);

test.each(['4.08', '4.29', '5.00', '5.01', '5.02', '5.03', '5.04', '5.05', '3.00'])(
  '%s is retryable',
  (code) => {
    expect(resultOf({ code })).toEqual({
      kind: 'retryable',
      reason: `the device answered ${code}`,
      unreachable: false,
    });
  },
);

test.each([
  ['4.29', 30, 30_000],
  ['5.03', 0, 0],
  ['5.03', 4_294_967_295, 86_400_000],
  ['5.00', 30, undefined],
  ['4.08', 30, undefined],
])('%s with a Max-Age of %s s pauses for %s ms', (code, maxAgeSeconds, afterMs) => {
  const result = resultOf({ code, maxAgeSeconds });
  expect(result).toMatchObject({ kind: 'retryable' });
  expect('afterMs' in result ? result.afterMs : undefined).toBe(afterMs);
});

test('a reset is retryable: something is there', () => {
  expect(resultOf({ code: '0.00' })).toMatchObject({ kind: 'retryable', unreachable: false });
});

test('a reason has what the device says, also where that could be JSON', () => {
  const result = resultOf({ code: '4.00', payload: Buffer.from('{"a":1}'), contentType: 'application/json' });
  expect(result).toEqual({ kind: 'rejected', reason: 'the device answered 4.00: {"a":1}' });
});

test('a reason has the beginning of what the device says', () => {
  const result = resultOf({ code: '4.00', payload: Buffer.from('x'.repeat(1_000)) });
  expect(result).toEqual({ kind: 'rejected', reason: `the device answered 4.00: ${'x'.repeat(200)}…` });
});

describe('the result is', () => {
  const json = 'application/json';
  test.each<[string, string, string | number | undefined, unknown]>([
    ['JSON that is called so', '{"a":[1,null]}', json, { a: [1, null] }],
    ['JSON of a kind', '[1]', 'application/senml+json', [1]],
    ['the null of JSON', 'null', json, null],
    ['text, when the JSON is none', '{"a":', json, '{"a":'],
    ['JSON that is called text', '{"a":1}', 'text/plain', { a: 1 }],
    ['JSON of which nothing is said', '{"a":[2]}', undefined, { a: [2] }],
    ['a number that is called text', '21.5', 'text/plain;charset=utf-8', 21.5],
    ['a number that no number holds', '1724442618569203714', undefined, '1724442618569203714'],
    ['text, when nothing is said', 'ok', undefined, 'ok'],
    ['text', 'ok', 'text/plain', 'ok'],
    ['text of an unknown format', 'ok', 4_711, 'ok'],
    ['text where the format is none of text', '{"a":1}', 'application/octet-stream', '{"a":1}'],
  ])('%s', (_, payload, contentType, result) => {
    expect(resultOf({ payload: Buffer.from(payload), contentType })).toMatchObject({ result });
  });

  test('left out where no event can carry it, with the reason', () => {
    const payload = Buffer.from('['.repeat(4_000) + ']'.repeat(4_000));
    expect(resultOf({ payload, contentType: json })).toStrictEqual({
      kind: 'delivered',
      evidence: 'device',
      reason: expect.stringContaining('is nested more than 64 levels deep'),
    });
  });

  test('hexadecimal where it is not text', () => {
    expect(resultOf({ payload: Buffer.from('ff00', 'hex') })).toMatchObject({ result: 'ff00' });
  });

  test.each([
    ['text', Buffer.from('ü'.repeat(20_000)), 'ü'.repeat(8_192)],
    ['text cut within a character', Buffer.from(`a${'ü'.repeat(20_000)}`), `a${'ü'.repeat(8_191)}`],
    ['bytes', Buffer.alloc(20_000, 0xff), 'ff'.repeat(8_192)],
    ['JSON', Buffer.from(`"${'x'.repeat(20_000)}"`), `"${'x'.repeat(16_383)}`],
  ])('the beginning of long %s', (_, payload, result) => {
    expect(resultOf({ payload, contentType: json })).toMatchObject({ result });
  });
});

test('what cannot be sent is rejected; what could not be, is retryable', () => {
  expect(toResult({ kind: 'unfit', reason: 'too long' })).toEqual({ kind: 'rejected', reason: 'too long' });
  expect(toResult({ kind: 'failed', reason: 'no route', unreachable: true })).toEqual({
    kind: 'retryable',
    reason: 'no route',
    unreachable: true,
  });
});

test('whatever a device answers gives a result', () => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc.nat({ max: 10_000 }).map((levels) => Buffer.from('['.repeat(levels) + ']'.repeat(levels))),
  );
  const contentType = fc.option(fc.oneof(fc.constant('application/json'), fc.string(), fc.nat()), {
    nil: undefined,
  });
  const code = fc.constantFrom('0.00', '2.05', '4.01', '4.29', '5.03', '7.31');
  fc.assert(
    fc.property(code, contentType, payload, (given, type, bytes) => {
      const result = resultOf({ code: given, contentType: type, payload: bytes });
      expect(['delivered', 'rejected', 'retryable']).toContain(result.kind);
      expect(() => JSON.stringify(result)).not.toThrow();
    }),
  );
});
