import { ValidationError } from '@preservarium/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAcknowledgement } from './coap-acknowledgement.js';

test.each([
  ['', { state: 'delivered' }],
  ['{}', { state: 'delivered' }],
  ['{"status":"delivered","result":null}', { state: 'delivered', result: null }],
  ['{"status":"succeeded","result":{"level":3}}', { state: 'succeeded', result: { level: 3 } }],
  ['{"status":"failed","reason":"no power"}', { state: 'failed', reason: 'no power' }],
  ['{"status":"rejected","more":1}', { state: 'rejected' }],
])('%s', (body, said) => {
  expect(parseAcknowledgement(Buffer.from(body))).toEqual(said);
});

test('a result that no event can carry is left out, and the state counts', () => {
  const result = '['.repeat(700) + ']'.repeat(700);
  const reason = 'is nested more than 64 levels deep';
  expect(
    parseAcknowledgement(Buffer.from(`{"status":"failed","reason":"no power","result":${result}}`)),
  ).toEqual({
    state: 'failed',
    reason: expect.stringMatching(new RegExp(`^no power; result left out: .*${reason}`)),
  });
});

test.each([
  ['{"status":"done"}', 'status: must be one of delivered, succeeded, failed, rejected'],
  ['{"status":null}', 'status: must be one of'],
  ['{"reason":7}', 'reason: must be text'],
  ['"delivered"', 'must be an object'],
  ['[]', 'must be an object'],
  ['null', 'must be an object'],
  ['{"status"', 'must be JSON in UTF-8'],
])('%s is refused', (body, problem) => {
  expect(() => parseAcknowledgement(Buffer.from(body))).toThrow(problem);
});

test('any bytes are understood or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      try {
        expect(parseAcknowledgement(Buffer.from(bytes)).state).toBeDefined();
      } catch (error) {
        expect(error).toBeInstanceOf(ValidationError);
      }
    }),
  );
});
