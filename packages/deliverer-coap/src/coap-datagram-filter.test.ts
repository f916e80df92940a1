import { generate, type Packet, parse } from 'coap-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeDatagram } from './coap-datagram-filter.js';
import { createVerifiedEndpoints, type VerifiedEndpoints } from './coap-verified-endpoints.js';

const token = Buffer.from('0102', 'hex');

const everyone = { isVerified: () => true, verify: () => true, challenge: () => Buffer.of(1) };
const at = (port: number) => ({ address: '192.0.2.1', port });

function judge(packet: Packet, port = 5683) {
  return judgeDatagram(generate({ messageId: 7, token, ...packet }, 65_000), at(port), everyone);
}

test.each<[string, Packet]>([
  ['GET', { code: 'GET', confirmable: true }],
  ['GET that is not confirmable', { code: 'GET' }],
  ['POST with a body', { code: 'POST', payload: Buffer.alloc(1_024, 'a') }],
  ['POST with one block', { code: 'POST', options: [{ name: 'Block1', value: Buffer.of(6) }] }],
  ['GET that observes', { code: 'GET', options: [{ name: 'Observe', value: Buffer.alloc(0) }] }],
])('accepts %s', (_, packet) => {
  expect(judge(packet)).toEqual({ kind: 'accept' });
});

test.each<[Packet, string]>([
  [{ ack: true }, 'accept'],
  [{ reset: true }, 'drop'],
  [{ confirmable: false }, 'drop'],
])('does not answer an empty message that says %o', (type, kind) => {
  const message = generate({ code: '0.00', messageId: 7, ...type });
  expect(judgeDatagram(message, at(5683), everyone)).toEqual({ kind });
});

describe('refuses, repeating the id and the token', () => {
  test.each<[string, Packet, string]>([
    ['PUT', { code: 'PUT' }, '4.05'],
    ['FETCH', { code: 'FETCH' }, '4.05'],
    ['an unknown method', { code: '0.31' }, '4.05'],
    ['too much at once', { code: 'POST', payload: Buffer.alloc(1_500, 'a') }, '4.13'],
    [
      'the first of several blocks',
      { code: 'POST', options: [{ name: 'Block1', value: Buffer.of(0x0e) }] },
      '4.13',
    ],
    [
      'the last of several blocks',
      { code: 'POST', options: [{ name: 'Block1', value: Buffer.of(0x16) }] },
      '4.13',
    ],
    [
      'a block option without content',
      { code: 'POST', options: [{ name: 'Block1', value: Buffer.alloc(0) }] },
      '4.13',
    ],
    ['POST that observes', { code: 'POST', options: [{ name: 'Observe', value: Buffer.alloc(0) }] }, '4.02'],
  ])('%s', (_, packet, code) => {
    for (const confirmable of [true, false]) {
      const verdict = judge({ ...packet, confirmable });
      expect(verdict.kind).toBe('reply');
      if (verdict.kind !== 'reply') continue;
      expect(parse(verdict.bytes)).toMatchObject({ code, messageId: 7, token, ack: confirmable });
    }
  });
});

test('answers a ping with a reset', () => {
  const verdict = judgeDatagram(
    generate({ code: '0.00', confirmable: true, messageId: 7 }),
    at(5683),
    everyone,
  );
  expect(verdict).toEqual({ kind: 'reply', bytes: Buffer.from('70000007', 'hex') });
});

describe('drops', () => {
  test.each<[string, Packet, number?]>([
    ['a response', { code: '2.05', confirmable: true }],
    ['a request that says it is an acknowledgement', { code: 'GET', ack: true }],
    ['a long token', { code: 'GET', token: Buffer.alloc(9) }],
    ['a request from port 0', { code: 'GET', confirmable: true }, 0],
  ])('%s', (_, packet, port) => {
    expect(judge(packet, port)).toEqual({ kind: 'drop' });
  });

  test('what is not CoAP, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(65_535), (bytes, port) => {
        const { kind } = judgeDatagram(Buffer.from(bytes), at(port), everyone);
        expect(['accept', 'drop', 'reply']).toContain(kind);
        if (bytes.length < 4) expect(kind).toBe('drop');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('an endpoint that has not shown that it receives', () => {
  const path = (...segments: readonly string[]) =>
    segments.map((segment) => ({ name: 'Uri-Path' as const, value: Buffer.from(segment) }));
  const observe = { name: 'Observe' as const, value: Buffer.alloc(0) };
  const echoOption = (value: Buffer) => ({ name: '252', value }) as never;

  function ask(verified: VerifiedEndpoints, packet: Packet, port = 7000) {
    const bytes = generate({ messageId: 7, token, confirmable: true, ...packet });
    const verdict = judgeDatagram(bytes, at(port), verified);
    if (verdict.kind !== 'reply') return { kind: verdict.kind };
    const { code, options } = parse(verdict.bytes);
    const echo = options.find(({ name }) => String(name) === '252')?.value;
    return { kind: code, echo, isSmall: verdict.bytes.length <= 3 * bytes.length };
  }

  test.each<[string, Packet]>([
    ['a poll', { code: 'GET', options: path('commands', 'a') }],
    ['a registration', { code: 'GET', options: [observe, ...path('commands', 'a')] }],
    ['telemetry', { code: 'POST', options: path('telemetry', 'a') }],
  ])('is asked for an Echo before %s, and served with it', (_, packet) => {
    const verified = createVerifiedEndpoints({ maxEndpoints: 10 });
    const asked = ask(verified, packet);
    expect(asked).toMatchObject({ kind: '4.01', isSmall: true });
    const withEcho = { ...packet, options: [...(packet.options ?? []), echoOption(asked.echo as Buffer)] };
    expect(ask(verified, withEcho, 7001), 'another endpoint').toMatchObject({ kind: '4.01' });
    expect(ask(verified, withEcho)).toEqual({ kind: 'accept' });
    expect(ask(verified, packet)).toEqual({ kind: 'accept' });
    expect(ask(verified, packet, 7001)).toMatchObject({ kind: '4.01' });
    const forged = { ...packet, options: [...(packet.options ?? []), echoOption(Buffer.alloc(14))] };
    expect(ask(verified, forged, 7002)).toMatchObject({ kind: '4.01' });
  });

  test.each([[['commands', 'a', 'r1']], [['settings', 'a']]])(
    'may post to %j, which is answered shortly',
    (segments) => {
      const verified = createVerifiedEndpoints({ maxEndpoints: 10 });
      expect(ask(verified, { code: 'POST', options: path(...segments) })).toEqual({ kind: 'accept' });
    },
  );

  test('beyond the limit the earliest is asked again', () => {
    const verified = createVerifiedEndpoints({ maxEndpoints: 1 });
    for (const endpoint of ['a', 'b'])
      expect(verified.verify(endpoint, verified.challenge(endpoint))).toBe(true);
    expect(['a', 'b'].map(verified.isVerified)).toEqual([false, true]);
  });
});
