import { compileTopicTemplate } from '@preservarium/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readReportedSettings } from './mqtt-reported-settings.js';

const reportedSettings = compileTopicTemplate('reportedSettings', 'd/{deviceId}/reported');

function read(payload: string | Buffer, { topic = 'd/pump/reported', retain = false } = {}) {
  const packet = {
    cmd: 'publish',
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    dup: false,
    retain,
  } as const;
  return readReportedSettings(packet, { reportedSettings, maxAnswerBytes: 1_000 });
}

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

test.each(['{}', '{"a":null}', nested(64)])('%s is a patch', (payload) => {
  expect(read(payload)).toEqual({ kind: 'reported', deviceId: 'pump', patch: JSON.parse(payload) });
});

test.each([
  ['nothing', ''],
  ['no JSON', 'on'],
  ['an array', '[]'],
  ['null', 'null'],
  ['no UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')],
  ['too large', JSON.stringify({ a: 'x'.repeat(1_000) })],
  ['nested too deep', nested(65)],
])('%s is dropped, and the device is known', (_, payload) => {
  expect(read(payload)).toMatchObject({ kind: 'unreadable', deviceId: 'pump' });
});

test('what is retained is dropped, and what names no device', () => {
  expect(read('{}', { retain: true })).toEqual({ kind: 'unreadable', problem: expect.any(String) });
  expect(read('{}', { topic: 'd/pump\n/reported' })).toMatchObject({ kind: 'unreadable' });
  expect(read('{}', { topic: 'd/pump/others' })).toBeUndefined();
});

test('whatever comes is a patch, unreadable, or none of this topic', () => {
  const payload = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc.nat({ max: 400 }).map((levels) => Buffer.from(nested(levels))),
  );
  fc.assert(
    fc.property(payload, fc.string({ unit: 'binary' }), fc.boolean(), (bytes, level, retain) => {
      const kind = read(bytes, { topic: `d/${level}/reported`, retain })?.kind;
      expect([undefined, 'reported', 'unreadable']).toContain(kind);
    }),
  );
});
