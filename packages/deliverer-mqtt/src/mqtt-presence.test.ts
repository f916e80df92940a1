import { compileTopicTemplate } from '@preservarium/core';
import { expect, test } from 'vitest';
import { type PresenceRules, readPresence } from './mqtt-presence.js';

const words: PresenceRules = {
  presence: compileTopicTemplate('presence', 'devices/{deviceId}/status'),
  presenceField: undefined,
  presentWords: new Set(['online', 'Online', 'true', '1']),
  awayWords: new Set(['offline', 'Offline', 'false', '0']),
};
const inField = { ...words, presenceField: 'state' };

function read(payload: string | Buffer, rules = words, topic = 'devices/pump/status') {
  return readPresence(
    { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, dup: false, retain: true },
    rules,
  );
}

test.each([
  ['online', 'present'],
  ['Online', 'present'],
  ['true', 'present'],
  ['1', 'present'],
  ['offline', 'away'],
  ['Offline', 'away'],
  ['false', 'away'],
  ['', 'unknown'],
])('%j says %s', (payload, said) => {
  expect(read(payload)).toEqual({ kind: 'presence', deviceId: 'pump', said });
});

test.each([
  ['{"state":"online"}', 'present'],
  ['{"state":"offline","since":1}', 'away'],
  ['{"state":true}', 'present'],
  ['{"state":0}', 'away'],
  ['', 'unknown'],
])('%s says %s in its field', (payload, said) => {
  expect(read(payload, inField)).toEqual({ kind: 'presence', deviceId: 'pump', said });
});

test.each([
  ['ONLINE', words],
  ['online ', words],
  ['{"state":"online"}', words],
  [Buffer.from([0xff]), words],
  ['online', inField],
  ['{"other":"online"}', inField],
  ['{"state":["online"],"x":1}', { ...inField, presentWords: new Set(['x']) }],
  ['[]', inField],
  ['{"state"', inField],
])('%j says nothing', (payload, rules) => {
  expect(read(payload, rules)).toMatchObject({ kind: 'unreadable' });
});

test('another topic is none of presence, and a device id must be one that a command can have', () => {
  expect(read('online', words, 'devices/pump/other')).toBeUndefined();
  expect(read('online', words, 'devices/\u0001/status')).toMatchObject({ kind: 'unreadable' });
});
