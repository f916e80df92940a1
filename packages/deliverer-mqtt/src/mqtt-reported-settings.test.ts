import { expect, test } from 'vitest';
import { readReportedSettings } from './mqtt-reported-settings.js';
import { compileTopicTemplate } from './mqtt-topic-template.js';

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
