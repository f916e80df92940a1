import { type JsonObject, parseJson } from '@preservarium/core';
import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAs, type PayloadForm, parseForm, payloadForms } from './payload-form.js';

const format = (form: PayloadForm, payload: string) =>
  formatAs(form, { payload: parseJson(payload) as JsonObject }).bytes;

describe('a payload is sent as', () => {
  test.each<[PayloadForm, string, string]>([
    ['json', '{"a":21.0}', '{"a":21.0}'],
    ['json', '{"$value":"ON"}', '"ON"'],
    ['text', '{"$value":"ON"}', 'ON'],
    ['text', '{"$value":21.0}', '21.0'],
    ['text', '{"$value":true}', 'true'],
    ['number', '{"$value":1724442618569203714}', '1724442618569203714'],
    ['hex', '{"$bytes":"01FF"}', '01ff'],
    ['hex', '{"$value":"0x01ff"}', '01ff'],
    ['base64', '{"$bytes":"01ff"}', 'Af8='],
  ])('%s of %s: %s', (form, payload, sent) => {
    expect(format(form, payload).toString()).toBe(sent);
  });

  test('bytes, and as CBOR', () => {
    expect(format('bytes', '{"$bytes":"01ff"}').toString('hex')).toBe('01ff');
    // RFC 8949, appendix A.
    expect(format('cbor', '{"a":1,"b":[2,3]}').toString('hex')).toBe('a26161016162820203');
    expect(format('cbor', '{"$value":"IETF"}').toString('hex')).toBe('6449455446');
    expect(format('cbor', '{"$bytes":"01020304"}').toString('hex')).toBe('4401020304');
  });

  test.each<[PayloadForm, string]>([
    ['text', '{"a":1}'],
    ['text', '{"$value":[1]}'],
    ['text', '{"$bytes":"01"}'],
    ['json', '{"$bytes":"01"}'],
    ['number', '{"$value":"21"}'],
    ['hex', '{"$value":"0"}'],
    ['bytes', '{"$value":21}'],
  ])('%s of %s is refused', (form, payload) => {
    expect(() => format(form, payload)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });
});

describe('an answer is read as', () => {
  test.each<[PayloadForm, Buffer, unknown]>([
    ['json', Buffer.from('{"a":1}'), { a: 1 }],
    ['text', Buffer.from('OK'), 'OK'],
    ['number', Buffer.from(' 21.5\n'), 21.5],
    ['bytes', Buffer.from('01ff', 'hex'), '01ff'],
    ['hex', Buffer.from('0x01FF'), '01ff'],
    ['base64', Buffer.from('Af8='), '01ff'],
    ['cbor', Buffer.from('a26161016162820203', 'hex'), { a: 1, b: [2, 3] }],
    ['cbor', Buffer.from(encode([new Uint8Array([255]), 2n ** 63n])), ['ff', '9223372036854775808']],
  ])('%s', (form, bytes, value) => {
    expect(parseForm(form, bytes)).toEqual({ ok: true, value });
  });

  test.each<[PayloadForm, Buffer]>([
    ['json', Buffer.from('{')],
    ['text', Buffer.from('ff', 'hex')],
    ['number', Buffer.from('ON')],
    ['hex', Buffer.from('0xf')],
    ['base64', Buffer.from('?')],
    ['cbor', Buffer.from('a1', 'hex')],
  ])('%s: what it is not', (form, bytes) => {
    expect(parseForm(form, bytes)).toEqual({ ok: false });
  });

  test('any form, whatever the bytes are, without an error', () => {
    fc.assert(
      fc.property(fc.constantFrom(...payloadForms), fc.uint8Array({ maxLength: 200 }), (form, bytes) => {
        expect(typeof parseForm(form, Buffer.from(bytes)).ok).toBe('boolean');
      }),
      { numRuns: 1_000 },
    );
    const deep = Buffer.concat([Buffer.alloc(100_000, 0x81), Buffer.of(0)]);
    expect(parseForm('cbor', deep)).toEqual({ ok: false });
  });
});
