import { expect, test } from 'vitest';
import { decodeCancellation, encodeCancellation, parseCancellation } from '../index.js';

const cancellation = {
  deviceId: 'device123',
  requestId: 'r1',
  timestamp: new Date('2026-01-31T12:00:00Z'),
};
const wire = { request_id: 'r1', device_id: 'device123', timestamp: '2026-01-31T12:00:00.000Z' };

test('encodeCancellation writes the names of the wire, decodeCancellation reads them back', () => {
  const value = encodeCancellation(cancellation);
  expect(JSON.parse(value.toString())).toStrictEqual(wire);
  expect(decodeCancellation(value)).toStrictEqual({ ok: true, cancellation });
  const more = Buffer.from(JSON.stringify({ ...wire, by: 'operator' }));
  expect(decodeCancellation(more)).toStrictEqual({ ok: true, cancellation });
});

test.each([
  ['a tombstone', null, 'empty', 'the record has no value'],
  ['text', Buffer.from('cancel'), 'invalid-json', expect.stringMatching(/^the value is not JSON/)],
  ['no request_id', Buffer.from('{"device_id":"a"}'), 'invalid-fields', 'request_id: is required'],
])('poison: %s', (_, value, reason, message) => {
  expect(decodeCancellation(value)).toStrictEqual({ ok: false, reason, message });
});

test('parseCancellation fills in the time and refuses what is wrong', () => {
  expect(parseCancellation({ deviceId: 'a', requestId: 'r' }).timestamp).toBeInstanceOf(Date);
  expect(() => parseCancellation({ deviceId: '', requestId: 'r' })).toThrow(
    expect.objectContaining({
      code: 'VALIDATION_FAILED',
      message: 'invalid cancellation: deviceId: must not be empty',
    }),
  );
});
