import { compileTopicTemplate } from '@preservarium/core';
import fc from 'fast-check';
import type { IPublishPacket } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { readAnswer } from './mqtt-answer.js';

const withRequest = compileTopicTemplate('responseTopicTemplate', 'd/{deviceId}/c/{requestId}/r');
const withoutRequest = compileTopicTemplate('responseTopicTemplate', 'd/{deviceId}/r');

function answer(
  payload: string | Buffer,
  { topic = 'd/pump/c/r1/r', correlation = '', responses = withRequest, retain = false } = {},
) {
  const packet: IPublishPacket = {
    cmd: 'publish',
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    dup: false,
    retain,
    ...(correlation !== '' && { properties: { correlationData: Buffer.from(correlation) } }),
  };
  return readAnswer(packet, { responses, maxAnswerBytes: 1_000_000 });
}

const ids = { deviceId: 'pump', requestId: 'r1' };

test.each([
  ['', { state: 'delivered' }],
  ['{"status":"delivered"}', { state: 'delivered' }],
  ['{"status":"succeeded","result":null}', { state: 'succeeded', result: null }],
  ['{"status":"succeeded","result":{"t":[1]},"more":1}', { state: 'succeeded', result: { t: [1] } }],
  ['{"status":"failed","reason":"no water"}', { state: 'failed', reason: 'no water' }],
  ['{"status":"rejected"}', { state: 'rejected' }],
])('%s', (payload, report) => {
  expect(answer(payload)).toEqual({ kind: 'report', report: { ...ids, ...report } });
});

test('a long reason is cut, and half a character made whole', () => {
  const told = answer(JSON.stringify({ status: 'failed', reason: `${'x'.repeat(999)}🌡y` }));
  expect(told).toMatchObject({ report: { reason: `${'x'.repeat(999)}…` } });
});

describe('the request', () => {
  test('is named by the topic, by the correlation data, or by both alike', () => {
    const told = { kind: 'report', report: { ...ids, state: 'delivered' } };
    expect(answer('', { correlation: 'r1' })).toEqual(told);
    expect(answer('', { correlation: 'r1', topic: 'd/pump/r', responses: withoutRequest })).toEqual(told);
  });

  test.each([
    ['not by both differently', { correlation: 'r2' }],
    ['by one of them', { topic: 'd/pump/r', responses: withoutRequest }],
    ['not with control characters', { topic: 'd/pump/c/r\n1/r' }],
    ['not with half a character', { topic: 'd/pump/c/\ud800/r' }],
    ['not with more than 256', { topic: `d/pump/c/${'r'.repeat(257)}/r` }],
  ])('%s', (_, options) => {
    expect(answer('', options)).toMatchObject({ kind: 'unreadable', deviceId: 'pump' });
  });
});

test.each([
  ['{', 'not a JSON object'],
  ['[]', 'not a JSON object'],
  ['null', 'not a JSON object'],
  ['"succeeded"', 'not a JSON object'],
  [Buffer.from('7b22fF7d', 'hex'), 'not a JSON object'],
  ['{}', 'status must be one of'],
  ['{"status":"done"}', 'status must be one of'],
  ['{"status":["failed"]}', 'status must be one of'],
  ['{"status":"failed","reason":7}', 'reason must be text'],
])('%s is refused', (payload, problem) => {
  expect(answer(payload)).toMatchObject({
    kind: 'unreadable',
    deviceId: 'pump',
    problem: expect.stringContaining(problem),
  });
});

test.each([
  [`{"status":"failed","result":${'['.repeat(65)}${']'.repeat(65)}}`, 'failed', 'nested more than 64'],
  [
    `{"status":"failed","result":${'['.repeat(40_000)}${']'.repeat(40_000)}}`,
    'failed',
    'nested more than 64',
  ],
  [
    `{"status":"succeeded","result":[${'1e20,'.repeat(190_000)}0]}`,
    'succeeded',
    'bytes as JSON, the limit is',
  ],
  ['x'.repeat(1_000_001), 'delivered', 'the answer has 1000001 bytes'],
])('an answer whose result cannot be kept is still an answer (%#)', (payload, state, problem) => {
  expect(answer(payload)).toEqual({
    kind: 'report',
    report: { ...ids, state, reason: expect.stringMatching(`result left out: .*${problem}`) },
  });
});

test('a retained answer, and one from no device, say nothing of any device', () => {
  expect(answer('', { retain: true })).toEqual({ kind: 'unreadable', problem: expect.any(String) });
  expect(answer('', { topic: `d/${'x'.repeat(257)}/c/r1/r` })).not.toHaveProperty('deviceId');
});

test('other topics are none to answer on', () => {
  expect(answer('', { topic: 'd/pump/status' })).toBeUndefined();
});

test('whatever comes is read or refused', () => {
  const body = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.json(),
    fc
      .record({ status: fc.constantFrom('failed', 'x'), reason: fc.jsonValue(), result: fc.jsonValue() })
      .map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(
      body,
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (payload, level, correlation) => {
        const told = answer(payload, { topic: `d/${level}/c/r1/r`, correlation });
        expect([undefined, 'report', 'unreadable']).toContain(told?.kind);
      },
    ),
  );
});
