import { type ConsumedRecord, headerTexts, noHeaders, textHeaders } from '@preservarium/backend';
import {
  type JsonValue,
  jsonSourceOf,
  type LifecycleEvent,
  parseCommand,
  payloadContent,
  toPayload,
} from '@preservarium/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHonoFormat } from './index.js';

// The names and values are those of the description: https://eclipse.dev/hono/docs/api/command-and-control-kafka/
const hono = createHonoFormat({ tenant: 'DEFAULT_TENANT' });
const timestampMs = Date.UTC(2026, 0, 2);
const defaults = { protocol: 'mqtt', requestId: 'hono.command.DEFAULT_TENANT/0@7' };

function recordOf(
  headers: Readonly<Record<string, string>>,
  value = '',
  key = headers.device_id,
): ConsumedRecord {
  return {
    topic: hono.commandTopic,
    partition: 0,
    offset: 7,
    timestampMs,
    key: key === undefined ? null : Buffer.from(key),
    value: Buffer.from(value),
    headers: textHeaders(headers),
  };
}

const oneWay = { device_id: '4711', subject: 'setBrightness', 'content-type': 'application/json' };
const request = { 'correlation-id': 'c-1', ...oneWay, 'response-required': 'true' };
const input = {
  deviceId: '4711',
  commandType: 'setBrightness',
  protocol: 'mqtt',
  payload: { brightness: 20 },
} as const;

test('the topics are named after the tenant', () => {
  expect([hono.commandTopic, hono.responseTopic]).toEqual([
    'hono.command.DEFAULT_TENANT',
    'hono.command_response.DEFAULT_TENANT',
  ]);
});

test.each(['', 'a/b', 'ä', 'x'.repeat(201)])('tenant %j is refused: no topic can have its name', (tenant) => {
  expect(() => createHonoFormat({ tenant })).toThrow(/tenant/);
});

describe('a command that is sent', () => {
  test('is a one-way command where nothing of the device is required', () => {
    const { value, headers } = hono.encodeCommand(parseCommand(input));
    expect(headerTexts(headers ?? noHeaders)).toEqual(oneWay);
    expect(value.toString()).toBe('{"brightness":20}');
  });

  test.each(['device', 'executed'] as const)(
    'needs a response where the evidence %s is required',
    (requiredEvidence) => {
      const { headers } = hono.encodeCommand(parseCommand({ ...input, requestId: 'c-1', requiredEvidence }));
      expect(headerTexts(headers ?? noHeaders)).toEqual(request);
    },
  );

  test.each<readonly [JsonValue | Uint8Array, string, string]>([
    ['ON', '"ON"', 'application/json'],
    [21.5, '21.5', 'application/json'],
    [[1, 2], '[1,2]', 'application/json'],
    [Buffer.from('ON'), 'ON', 'application/octet-stream'],
    [Buffer.from([0x01, 0xff]), '\u0001\ufffd', 'application/octet-stream'],
  ])('carries the payload %j', (payload, text, contentType) => {
    const { value, headers } = hono.encodeCommand(parseCommand({ ...input, payload: toPayload(payload) }));
    expect(value.toString()).toBe(text);
    expect(headerTexts(headers ?? noHeaders)['content-type']).toBe(contentType);
  });

  test.each([
    [{ priority: 3 }, 'priority'],
    [{ expiresAt: new Date(timestampMs) }, 'expiresAt'],
    [{ supersedeKey: 'brightness' }, 'supersedeKey'],
    [{ answerWithinMs: 500 }, 'answerWithinMs'],
    [{ topic: 'lamps/4711' }, 'topic'],
    [{ qos: 1 as const }, 'qos'],
    [{ metadata: { site: 'north' } }, 'metadata.site'],
  ])('is refused with %j, which Hono does not carry', (field, path) => {
    const issue = { path, message: expect.stringContaining('Eclipse Hono') };
    expect(() => hono.encodeCommand(parseCommand({ ...input, ...field }))).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED', issues: [issue] }),
    );
  });
});

describe('a command that is read', () => {
  test('is a one-way command, which its place names', () => {
    expect(hono.decodeCommand(recordOf(oneWay, '{"brightness":20}'), defaults)).toMatchObject({
      ok: true,
      command: { ...input, requestId: defaults.requestId, timestamp: new Date(timestampMs) },
    });
  });

  test.each([
    ['mqtt', 'executed'],
    ['http', 'device'],
    ['coap', 'device'],
    ['opcua', 'device'],
  ])('needs the answer of its device where a response is required, over %s', (protocol, requiredEvidence) => {
    const decoded = hono.decodeCommand(recordOf(request, '{}'), { ...defaults, protocol });
    expect(decoded).toMatchObject({ ok: true, command: { requestId: 'c-1', protocol, requiredEvidence } });
  });

  test.each([
    [{ ...oneWay, subject: '' }, '4711', 'commandType'],
    [{ device_id: '4711' }, '4711', 'subject'],
    [{ subject: 'on' }, '4711', 'device_id'],
    [{ ...oneWay, 'response-required': 'true' }, '4711', 'correlation-id'],
    [{ ...request, 'correlation-id': 'a\u0000b' }, '4711', 'requestId'],
    [oneWay, '4712', 'key'],
    [oneWay, undefined, 'key'],
  ])('is refused with the headers %j and the key %s', (headers, key, place) => {
    const record = { ...recordOf(headers, '{}'), key: key === undefined ? null : Buffer.from(key) };
    expect(hono.decodeCommand(record, defaults)).toMatchObject({
      ok: false,
      message: expect.stringContaining(place),
    });
  });

  test('keeps the numbers of its payload', () => {
    const text = '{"serial":1724442618569203714, "level":21.0}';
    const decoded = hono.decodeCommand(recordOf(oneWay, text), defaults);
    expect(decoded.ok && String(jsonSourceOf(decoded.command.payload))).toBe(text);
  });

  test('gives its device any bytes as they are', () => {
    const types = [
      undefined,
      'application/json',
      'application/x+json; charset=utf-8',
      'text/plain',
      'application/octet-stream',
    ];
    const values = fc.oneof(
      fc.json().map((text) => Buffer.from(text)),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          '{"$bytes":"00"}',
          '{"$value":1}',
          '{"raw":"0a"}',
          '21.0',
          ' 21 ',
          ' {"a":1}\n',
          '\ufeff{}',
          '',
        )
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(values, fc.constantFrom(...types), (value, type) => {
        const headers =
          type === undefined
            ? { device_id: 'd', subject: 's' }
            : { device_id: 'd', subject: 's', 'content-type': type };
        const decoded = hono.decodeCommand({ ...recordOf(headers), value }, defaults);
        if (!decoded.ok) throw new Error(decoded.message);
        const content = payloadContent(decoded.command.payload);
        expect((content.kind === 'json' ? content.text : content.bytes).toString('hex')).toBe(
          value.toString('hex'),
        );
      }),
    );
  });
});

const end = {
  requestId: 'c-1',
  deviceId: '4711',
  commandType: 'setBrightness',
  timestamp: new Date(timestampMs),
} as const;
const metadata = {
  'delivery-failure-notification-metadata': 'a',
  'delivery-failure-notification-metadata[b]': 'c',
};
const notification = 'application/vnd.eclipse-hono-delivery-failure-notification+json';
const common = {
  'correlation-id': 'c-1',
  'creation-time': String(timestampMs),
  device_id: '4711',
  tenant_id: 'DEFAULT_TENANT',
};

describe('the end of a command', () => {
  test.each<readonly [Partial<LifecycleEvent>, string, string | undefined, string]>([
    [{ state: 'succeeded', evidence: 'executed' }, '200', undefined, ''],
    [
      { state: 'succeeded', evidence: 'executed', result: { lit: true } },
      '200',
      'application/json',
      '{"lit":true}',
    ],
    [{ state: 'succeeded', evidence: 'executed', result: 'OK' }, '200', 'text/plain; charset=utf-8', 'OK'],
    [{ state: 'delivered', evidence: 'device', result: 21.5 }, '200', 'application/json', '21.5'],
    [
      { state: 'rejected', evidence: 'executed', reason: 'no such lamp' },
      '400',
      'text/plain; charset=utf-8',
      'no such lamp',
    ],
    [{ state: 'failed', evidence: 'executed', result: { code: 7 } }, '500', 'application/json', '{"code":7}'],
    [{ state: 'rejected', reason: '404' }, '400', notification, '{"error":"rejected: 404"}'],
    [{ state: 'dead', reason: 'unreachable' }, '503', notification, '{"error":"dead: unreachable"}'],
    [{ state: 'cancelled' }, '503', notification, '{"error":"cancelled"}'],
    [
      { state: 'dead', reason: 'subject: …', commandType: undefined },
      '400',
      notification,
      '{"error":"dead: subject: …"}',
    ],
  ])('%j is a response with the status %s', (event, status, contentType, text) => {
    const given = recordOf({ ...request, ...metadata });
    const response = hono.encodeEnd(given, { ...end, ...event } as LifecycleEvent);
    expect(response).toMatchObject({ topic: 'hono.command_response.DEFAULT_TENANT', key: '4711' });
    expect(response?.value.toString()).toBe(text);
    expect(headerTexts(response?.headers ?? noHeaders)).toEqual({
      ...common,
      status,
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(contentType === notification && metadata),
    });
  });

  test.each([oneWay, { ...oneWay, 'correlation-id': 'c-1' }, { ...request, 'response-required': 'false' }])(
    'is not told to the sender of a one-way command: %j',
    (headers) => {
      expect(hono.encodeEnd(recordOf(headers), { ...end, state: 'dead' })).toBeUndefined();
    },
  );
});

describe('a response that is read', () => {
  test.each<readonly [string, string | undefined, string, Partial<LifecycleEvent>]>([
    [
      '200',
      'application/json',
      '{"lit":true}',
      { state: 'succeeded', evidence: 'executed', result: { lit: true } },
    ],
    ['204', undefined, '', { state: 'succeeded', evidence: 'executed' }],
    ['200', undefined, 'OK', { state: 'succeeded', result: 'OK' }],
    ['200', 'text/plain', '21', { state: 'succeeded', result: '21' }],
    [
      '404',
      'text/plain',
      'no such lamp',
      { state: 'rejected', evidence: 'executed', result: 'no such lamp', reason: 'status 404' },
    ],
    ['500', undefined, '', { state: 'failed', evidence: 'executed', reason: 'status 500' }],
    [
      '503',
      notification,
      '{"error":"device is not connected"}',
      { state: 'dead', reason: 'status 503: device is not connected' },
    ],
    ['400', notification, 'x', { state: 'dead', reason: 'status 400: no error is given' }],
  ])('%s %s %s', (status, contentType, text, event) => {
    const headers = { ...common, status, ...(contentType !== undefined && { 'content-type': contentType }) };
    const decoded = hono.decodeEnd(recordOf(headers, text));
    expect(decoded.ok && decoded.events.at(-1)).toMatchObject({
      requestId: 'c-1',
      deviceId: '4711',
      timestamp: end.timestamp,
      ...event,
    });
    expect(decoded.ok && decoded.events.at(-1)?.evidence).toBe(
      event.state === 'dead' ? undefined : 'executed',
    );
  });

  test.each([
    [{ ...common }, 'status'],
    [{ ...common, status: '99' }, 'status'],
    [{ ...common, status: 'ok' }, 'status'],
    [{ device_id: '4711', status: '200' }, 'correlation-id'],
    [{ ...common, 'correlation-id': 'a\u0000b', status: '200' }, 'request_id'],
  ])('%j is none', (headers, place) => {
    expect(hono.decodeEnd(recordOf(headers))).toMatchObject({
      ok: false,
      message: expect.stringContaining(place),
    });
  });

  test('never throws', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys({ ...common, ...request, status: '' })), fc.string()),
        fc.string(),
        (headers, value) => {
          hono.decodeEnd(recordOf(headers, value));
          hono.decodeCommand(recordOf(headers, value), defaults);
        },
      ),
    );
  });
});
