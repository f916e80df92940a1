import { describe, expect, test } from 'vitest';
import { decodeSettings, encodeSettings, parseSettings } from '../index.js';

const settings = parseSettings({
  requestId: 'r1',
  timestamp: '2026-01-31T12:00:00Z',
  deviceId: 'device123',
  settings: { temperature: 21.5, key: new Uint8Array([0xca, 0xfe]) },
});

test('encodeSettings writes the names of the wire', () => {
  expect(JSON.parse(encodeSettings(settings).toString())).toStrictEqual({
    request_id: 'r1',
    timestamp: '2026-01-31T12:00:00.000Z',
    device_id: 'device123',
    settings: { temperature: 21.5, key: 'cafe' },
    metadata: {},
  });
});

test('decodeSettings reads them back and keeps unknown fields', () => {
  const wire = { ...JSON.parse(encodeSettings(settings).toString()), version: 7 };
  expect(decodeSettings(Buffer.from(JSON.stringify(wire)))).toStrictEqual({
    ok: true,
    settings,
    unknownFields: { version: 7 },
  });
});

test('the protocol and the version that settings were made from go with them', () => {
  const patched = { ...settings, protocol: 'coap', baseVersion: 42 };
  const value = encodeSettings(patched);
  expect(JSON.parse(value.toString())).toMatchObject({ protocol: 'coap', base_version: 42 });
  expect(decodeSettings(value)).toMatchObject({ ok: true, settings: patched, unknownFields: {} });
});

describe('poison', () => {
  test.each([
    ['a tombstone', null, 'empty', 'the record has no value'],
    ['invalid UTF-8', Buffer.from([0xc3]), 'invalid-utf8', 'the value is not UTF-8 text'],
    ['an array', Buffer.from('[]'), 'not-an-object', 'the value is JSON, but an array, not an object'],
    [
      'no settings',
      Buffer.from('{"device_id":"a","settings":null}'),
      'invalid-fields',
      'settings: must be a JSON object',
    ],
    [
      'a numeric device_id',
      Buffer.from('{"device_id":1,"settings":{}}'),
      'invalid-fields',
      'device_id: must be text',
    ],
    [
      'a base_version that is no offset',
      Buffer.from('{"device_id":"a","settings":{},"base_version":-2}'),
      'invalid-fields',
      'base_version: must be -1 or an offset',
    ],
  ])('%s', (_, value, reason, message) => {
    expect(decodeSettings(value)).toStrictEqual({ ok: false, reason, message });
  });
});

test('a setting that JSON cannot carry is refused with its place', () => {
  expect(() => parseSettings({ deviceId: 'a', settings: { led: [Number.NaN] } })).toThrow(
    expect.objectContaining({
      code: 'VALIDATION_FAILED',
      message: 'invalid settings: settings.led[0]: NaN is not a JSON number',
    }),
  );
});
