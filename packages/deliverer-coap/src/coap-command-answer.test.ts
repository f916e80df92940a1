import { parseCommand, ValidationError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { toCommandAnswer } from './coap-command-answer.js';

const payload = { bytes: Buffer.from('{}'), contentType: 'application/json' };

function answerTo(fields: { deviceId?: string; requestId?: string; commandType?: string }) {
  const command = parseCommand({
    deviceId: 'a',
    requestId: 'r',
    commandType: 'set',
    protocol: 'coap',
    ...fields,
  });
  return toCommandAnswer(command, payload, { mayBeRepeat: false });
}

test('names the place to acknowledge, segment by segment', () => {
  expect(answerTo({ deviceId: 'a/b', requestId: 'ü' }).locationPath.map(String)).toEqual([
    'commands',
    'a/b',
    'ü',
  ]);
});

test.each([
  { deviceId: 'a'.repeat(256) },
  { requestId: 'ü'.repeat(128) },
  { commandType: 'ü'.repeat(126) },
  { deviceId: 'a'.repeat(250), requestId: 'a'.repeat(250) },
])('refuses what has no room in the options: %o', (fields) => {
  expect(() => answerTo(fields)).toThrow(ValidationError);
});
