import { generate, type Packet, parse } from 'coap-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeDatagram } from './coap-datagram-filter.js';

const token = Buffer.from('0102', 'hex');

function judge(packet: Packet, port = 5683) {
  return judgeDatagram(generate({ messageId: 7, token, ...packet }, 65_000), port);
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

test.each([{ ack: true }, { reset: true }])('accepts an empty message that says %o', (type) => {
  expect(judgeDatagram(generate({ code: '0.00', messageId: 7, ...type }), 5683)).toEqual({ kind: 'accept' });
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
  const verdict = judgeDatagram(generate({ code: '0.00', confirmable: true, messageId: 7 }), 5683);
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
        const { kind } = judgeDatagram(Buffer.from(bytes), port);
        expect(['accept', 'drop', 'reply']).toContain(kind);
        if (bytes.length < 4) expect(kind).toBe('drop');
      }),
      { numRuns: 2_000 },
    );
  });
});
