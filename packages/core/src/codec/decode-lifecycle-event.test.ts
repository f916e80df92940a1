import { describe, expect, test } from 'vitest';
import { decodeLifecycleEvent, encodeLifecycleEvent, type LifecycleEvent } from '../index.js';

const least: LifecycleEvent = {
  requestId: 'r1',
  deviceId: 'device123',
  state: 'dispatched',
  timestamp: new Date('2026-01-31T12:00:00Z'),
};
const wire = {
  request_id: 'r1',
  device_id: 'device123',
  state: 'dispatched',
  timestamp: '2026-01-31T12:00:00.000Z',
};
const decode = (change: object) => decodeLifecycleEvent(Buffer.from(JSON.stringify({ ...wire, ...change })));

test('encodeLifecycleEvent writes the names of the wire, and only what there is', () => {
  expect(JSON.parse(encodeLifecycleEvent(least).toString())).toStrictEqual(wire);
  const event: LifecycleEvent = {
    ...least,
    state: 'succeeded',
    commandType: 'set_led',
    protocol: 'mqtt',
    evidence: 'executed',
    attempt: 2,
    reason: 'it answered',
    result: { state: 'on' },
    mayBeRepeat: true,
  };
  expect(JSON.parse(encodeLifecycleEvent(event).toString())).toStrictEqual({
    ...wire,
    state: 'succeeded',
    command_type: 'set_led',
    protocol: 'mqtt',
    evidence: 'executed',
    attempt: 2,
    reason: 'it answered',
    result: { state: 'on' },
    may_be_repeat: true,
  });
});

test('decodeLifecycleEvent takes null for absent and ignores what it does not know', () => {
  const nulls = { command_type: null, protocol: null, evidence: null, attempt: null, reason: null };
  const more = { result: null, may_be_repeat: null, connector: 'mqtt-1' };
  expect(decode({ ...nulls, ...more })).toStrictEqual({ ok: true, event: least });
});

describe('poison', () => {
  test.each([
    ['a tombstone', null, 'empty', 'the record has no value'],
    ['invalid UTF-8', Buffer.from([0xc3]), 'invalid-utf8', 'the value is not UTF-8 text'],
    ['an array', Buffer.from('[]'), 'not-an-object', 'the value is JSON, but an array, not an object'],
  ])('%s', (_, value, reason, message) => {
    expect(decodeLifecycleEvent(value)).toStrictEqual({ ok: false, reason, message });
  });

  test.each([
    ['no request_id', { request_id: null }, /^request_id: is required$/],
    ['an empty device_id', { device_id: '' }, /^device_id: must not be empty$/],
    ['a state that is none', { state: 'lost' }, /^state: must be one of published, dispatched, /],
    ['an evidence that is none', { evidence: 'hope' }, /^evidence: must be one of broker, gateway, /],
    ['a time that is none', { timestamp: 'now' }, /^timestamp: must be a Date, ISO 8601 text/],
    ['an attempt of 0', { attempt: 0 }, /^attempt: counts from 1$/],
    ['half an attempt', { attempt: 1.5 }, /^attempt: must be a whole number$/],
    ['a reason that is no text', { reason: 7 }, /^reason: must be text$/],
    ['a repeat that is neither', { may_be_repeat: 'no' }, /^may_be_repeat: must be true or false$/],
  ])('%s', (_, change, message) => {
    expect(decode(change)).toStrictEqual({
      ok: false,
      reason: 'invalid-fields',
      message: expect.stringMatching(message),
    });
  });
});
