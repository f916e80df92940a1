import { decodeLifecycleEvent, encodeLifecycleEvent } from '@preservarium/core';
import fc from 'fast-check';
import { errors } from 'undici';
import { expect, test } from 'vitest';
import { AnswerBrokeOffError, type HttpAnswer } from './http-exchange.js';
import { failureToResult } from './http-failure.js';
import { toResult } from './to-result.js';

function answer(status: number, headers: HttpAnswer['headers'] = {}, body = ''): HttpAnswer {
  return { status, headers, body: Buffer.from(body) };
}
const json = { 'content-type': 'application/json; charset=utf-8' };

test.each([200, 201, 204, 299])('%i is delivered, with the evidence that the addresses have', (status) => {
  expect(toResult(answer(status), 'gateway')).toStrictEqual({ kind: 'delivered', evidence: 'gateway' });
  expect(toResult(answer(status), 'device')).toStrictEqual({ kind: 'delivered', evidence: 'device' });
});

test('202 is always evidence of a gateway', () => {
  expect(toResult(answer(202), 'device')).toStrictEqual({ kind: 'delivered', evidence: 'gateway' });
});

test.each([
  [answer(200, json, '{"state":"on"}'), { state: 'on' }],
  [answer(200, { 'content-type': 'application/problem+json' }, '[1]'), [1]],
  [answer(202, { 'content-type': 'Application/JSON' }, 'null'), null],
  [answer(204, json), undefined],
  [answer(200, { 'content-type': 'text/json' }, '{"a":1}'), { a: 1 }],
  [answer(200, { 'content-type': 'text/vnd.device+json; charset=utf-8' }, '{"a":1}'), { a: 1 }],
  [answer(200, {}, '{"POWER":"ON"}'), { POWER: 'ON' }],
  [answer(200, { 'content-type': '' }, 'OK'), 'OK'],
  [answer(200, {}, ''), undefined],
  [answer(200, { 'content-type': 'text/plain' }, 'OK\n'), 'OK\n'],
  [answer(200, { 'content-type': 'text/plain; charset=utf-8' }, '[1'), '[1'],
  [answer(200, { 'content-type': 'text/plain' }, '{"ison":true}'), { ison: true }],
  [answer(200, json, '{"state":'), '{"state":'],
  [answer(200, { 'content-type': 'text/html' }, '<p>OK</p>'), undefined],
  [answer(200, { 'content-type': 'application/octet-stream' }, 'OK'), undefined],
  [answer(200, { 'content-type': 'application/jsonl' }, '7'), undefined],
])('the result is the JSON of the answer, or its text (%#)', (given, expected) => {
  const result = toResult(given, 'gateway');
  expect(result).toStrictEqual({
    kind: 'delivered',
    evidence: 'gateway',
    ...(expected !== undefined && { result: expected }),
  });
});

test.each([
  [{ status: 200, headers: json, body: undefined }, 'the answer has more than 65536 bytes'],
  [{ ...answer(200, json), body: Buffer.from('"\xff"', 'latin1') }, 'the answer is not text in UTF-8'],
  [answer(200, json, '['.repeat(65) + ']'.repeat(65)), 'is nested more than 64 levels deep'],
  [answer(200, json, '['.repeat(5_000) + ']'.repeat(5_000)), 'is nested more than 64 levels deep'],
  [
    answer(200, json, `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
    'is nested more than 64 levels deep',
  ],
])('what cannot be the result is left out, with a reason (%#)', (given, problem) => {
  const result = toResult(given, 'device');
  expect(result).toStrictEqual({
    kind: 'delivered',
    evidence: 'device',
    reason: expect.stringMatching(/^result left out: /),
  });
  expect(result).toMatchObject({ reason: expect.stringContaining(problem) });
});

test('any answer gives a result that a lifecycle event can carry', () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json({ maxDepth: 5 }).map((text) => Buffer.from(text)),
    fc.nat({ max: 10_000 }).map((levels) => Buffer.from('['.repeat(levels) + ']'.repeat(levels))),
    fc.nat({ max: 60_000 }).map((count) => Buffer.from(`[${'1e20,'.repeat(count / 5)}0]`)),
  );
  const header = fc.oneof(fc.constant('application/json'), fc.string(), fc.array(fc.string()));
  const headers = fc.dictionary(fc.constantFrom('content-type', 'retry-after', 'location'), header);
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 999 }), headers, body, (status, given, bytes) => {
      const result = toResult({ status, headers: given, body: bytes }, 'device');
      const timestamp = new Date(0);
      const event = { requestId: 'r', deviceId: 'd', state: 'delivered', timestamp, ...result } as const;
      const { requestId, deviceId, state, ...rest } = event;
      const encoded = encodeLifecycleEvent({
        requestId,
        deviceId,
        state,
        timestamp,
        ...('result' in rest && rest.result !== undefined && { result: rest.result }),
      });
      expect(decodeLifecycleEvent(encoded)).toMatchObject({ ok: true });
    }),
  );
});

test.each([300, 301, 302, 304, 307, 308])('%i is rejected: redirects are not followed', (status) => {
  expect(toResult(answer(status, { location: 'http://evil.example/' }), 'gateway')).toStrictEqual({
    kind: 'rejected',
    reason: `answered ${status}, to http://evil.example/; redirects are not followed: correct the device directory`,
  });
});

test.each([400, 401, 403, 404, 405, 409, 410, 413, 422, 451])('%i is rejected', (status) => {
  expect(toResult(answer(status, {}, 'no\r\n\tsuch\0 lamp '), 'device')).toStrictEqual({
    kind: 'rejected',
    reason: `answered ${status}: no such lamp`,
  });
});

test.each([
  [[408, 425, 429, 500, 501, 599], false],
  [[502, 503, 504], true],
])('%j are retryable, the device unreachable: %s', (statuses, unreachable) => {
  for (const status of statuses) {
    expect(toResult(answer(status), 'device')).toStrictEqual({
      kind: 'retryable',
      reason: `answered ${status}`,
      unreachable,
    });
    expect(toResult(answer(status, { 'retry-after': '7' }), 'device')).toMatchObject({ afterMs: 7_000 });
  }
});

test('a reason has the beginning of a long answer', () => {
  expect(toResult(answer(400, {}, 'x'.repeat(10_000)), 'gateway')).toStrictEqual({
    kind: 'rejected',
    reason: `answered 400: ${'x'.repeat(200)}…`,
  });
});

test.each([
  [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'connect ECONNREFUSED', true],
  [
    new AggregateError([
      new Error('connect ECONNREFUSED ::1:80'),
      new Error('connect ECONNREFUSED 127.0.0.1:80'),
    ]),
    'AggregateError (connect ECONNREFUSED ::1:80; connect ECONNREFUSED 127.0.0.1:80)',
    true,
  ],
  [
    new AnswerBrokeOffError('the answer 200 broke off', { cause: new Error('other side closed') }),
    'the answer 200 broke off: other side closed',
    false,
  ],
  [new errors.HTTPParserError('Expected HTTP/'), 'Expected HTTP/', false],
])('%s is retryable', (error, said, unreachable) => {
  const result = failureToResult(error, 'http://lamp.example');
  expect(result).toMatchObject({ kind: 'retryable', unreachable, reason: expect.stringContaining(said) });
  expect(result).toMatchObject({ reason: expect.stringContaining('http://lamp.example') });
});

test('what cannot be sent is rejected', () => {
  const error = new errors.InvalidArgumentError('invalid content-type header');
  expect(failureToResult(error, 'http://lamp.example')).toStrictEqual({
    kind: 'rejected',
    reason: 'invalid content-type header',
  });
});

test.each([
  ['Basic realm="pump"', 'answered 401, it wants a login with Basic'],
  ['Digest realm="a, b", nonce="x", qop="auth"', 'answered 401, it wants a login with Digest'],
  [['Digest realm="a"', 'Basic realm="a"'], 'answered 401, it wants a login with Digest or Basic'],
  ['Bearer', 'answered 401, it wants a login with Bearer'],
  ['Negotiate, Basic realm="a"', 'answered 401, it wants a login with Negotiate or Basic'],
  [[], 'answered 401'],
])('401 names the scheme that the device wants (%#)', (challenge, reason) => {
  expect(toResult(answer(401, { 'www-authenticate': challenge }), 'device')).toStrictEqual({
    kind: 'rejected',
    reason,
  });
});
