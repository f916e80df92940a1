import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeCommand,
  encodeCommand,
  type JsonObject,
  type JsonValue,
  keepPayloadSource,
  parseCommand,
  parseJson,
  payloadContent,
  toPayload,
} from '../index.js';

/** As a connector has it: through Kafka. */
function received(payload: JsonObject): JsonObject {
  const value = encodeCommand(parseCommand({ deviceId: 'd', commandType: 't', protocol: 'mqtt', payload }));
  const decoded = decodeCommand(value);
  if (!decoded.ok) throw new Error(decoded.message);
  keepPayloadSource(decoded.command.payload, value);
  return decoded.command.payload;
}

describe('the content of a payload', () => {
  test.each<[JsonValue, JsonObject]>([
    ['ON', { $value: 'ON' }],
    [21.5, { $value: 21.5 }],
    [null, { $value: null }],
    [[1, 2], { $value: [1, 2] }],
    [{ a: 1 }, { a: 1 }],
    [{}, {}],
    [{ $value: 1 }, { $value: { $value: 1 } }],
    [{ $bytes: 'ff' }, { $value: { $bytes: 'ff' } }],
    [
      { $value: 1, a: 2 },
      { $value: 1, a: 2 },
    ],
  ])('%j', (value, payload) => {
    expect(toPayload(value)).toEqual(payload);
    expect(payloadContent(received(toPayload(value)))).toMatchObject({ kind: 'json', value });
  });

  test('any JSON value comes out as it went in, and bytes too', () => {
    const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
    fc.assert(
      fc.property(json, (value) => {
        // Integers beyond are given as bigint or text.
        fc.pre(!/\d{16}/.test(JSON.stringify(value)));
        const content = payloadContent(received(toPayload(value)));
        expect(content.kind === 'json' && JSON.parse(content.text.toString())).toEqual(value);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(payloadContent(received(toPayload(bytes)))).toEqual({
          kind: 'bytes',
          bytes: Buffer.from(bytes),
        });
      }),
    );
  });

  test.each(['21.0', '1724442618569203714', ' [ 1.0 ] ', '{"$value":1.0}'])(
    'the text of %s is kept',
    (text) => {
      const wrapped = parseJson(`{"$value":${text}}`) as JsonObject;
      const content = payloadContent(received(wrapped));
      expect(content.kind === 'json' && content.text.toString()).toBe(text.trim());
    },
  );

  test('the text of a list is kept where it was parsed alone', () => {
    const content = payloadContent(received(toPayload(parseJson('[1.0,2e3]') as JsonValue)));
    expect(content.kind === 'json' && content.text.toString()).toBe('[1.0,2e3]');
  });

  test.each(['0', 'xx', 7])('$bytes of %j is refused', (bytes) => {
    expect(() => payloadContent({ $bytes: bytes })).toThrow('payload.$bytes: must be hexadecimal');
  });
});
