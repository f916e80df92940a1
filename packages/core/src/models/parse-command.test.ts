import { describe, expect, test } from 'vitest';
import { type CommandInput, parseCommand, parseCommandDict, ValidationError } from '../index.js';

const least = { deviceId: 'device123', commandType: 'set_led', protocol: 'mqtt' } as const;

/** Input of a JavaScript caller that TypeScript would refuse. */
function errorOf(input: unknown): ValidationError {
  try {
    parseCommand(input as CommandInput);
  } catch (error) {
    if (ValidationError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('the input was accepted');
}

describe('a payload that the protocol cannot carry is refused', () => {
  test.each([
    ['coap', 'GET', true],
    ['coap', 'DELETE', true],
    ['coap', 'delete', true],
    ['coap', 'FETCH', false],
    ['coap', 'PUT', false],
    ['http', 'GET', true],
    ['http', 'DELETE', false],
  ] as const)('%s %s: %s', (protocol, method, isRefused) => {
    const command = { ...least, protocol, method } as CommandInput;
    expect(parseCommand({ ...command, payload: {} }).payload).toEqual({});
    const parse = () => parseCommand({ ...command, payload: { a: 1 } });
    if (isRefused) expect(parse).toThrow(`payload: must be empty: ${method.toUpperCase()} of ${protocol}`);
    else expect(parse().payload).toEqual({ a: 1 });
  });
});

describe('a valid input', () => {
  test('gets the defaults', () => {
    const command = parseCommand(least);
    expect(command).toStrictEqual({
      ...least,
      payload: {},
      metadata: {},
      requestId: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      timestamp: expect.any(Date),
    });
  });

  test('gets a request id of its own each time', () => {
    expect(parseCommand(least).requestId).not.toBe(parseCommand(least).requestId);
  });

  test.each([
    ['a Date', new Date('2026-01-31T12:00:00.500Z')],
    ['text', '2026-01-31T13:00:00.500+01:00'],
    ['milliseconds', 1_769_860_800_500],
    ['seconds', 1_769_860_800.5],
  ])('may give its times as %s', (_, expiresAt) => {
    expect(parseCommand({ ...least, expiresAt }).expiresAt?.toISOString()).toBe('2026-01-31T12:00:00.500Z');
  });

  test('has its protocol and method normalised', () => {
    expect(parseCommand({ ...least, protocol: 'CoAP' as 'coap', method: 'post' as 'POST' })).toMatchObject({
      protocol: 'coap',
      method: 'POST',
    });
  });

  test('may have ids at their limits, of any printable characters', () => {
    const longest = { ...least, deviceId: 'é'.repeat(256), commandType: '日'.repeat(128) };
    expect(parseCommand(longest)).toMatchObject(longest);
    expect(parseCommand({ ...least, deviceId: 'a 😀/b' }).deviceId).toBe('a 😀/b');
  });

  test('may have a topic and path segments at their limits', () => {
    const topic = 'x'.repeat(65_535);
    expect(parseCommand({ ...least, topic }).topic).toBe(topic);
    const path = `/${'x'.repeat(255)}/...`;
    expect(parseCommand({ ...least, protocol: 'coap', path }).path).toBe(path);
  });

  test('may name a protocol that the application registered', () => {
    const options = { protocols: ['lorawan'] };
    expect(parseCommand({ ...least, protocol: 'LoRaWAN' as 'mqtt' }, options).protocol).toBe('lorawan');
    expect(() => parseCommand({ ...least, protocol: 'zigbee' as 'mqtt' }, options)).toThrow(
      'invalid command: protocol: "zigbee" is not one of mqtt, coap, http, lorawan; others must be registered',
    );
  });
});

describe('protocol fields and metadata', () => {
  test('are mirrored both ways', () => {
    const command = parseCommand({ ...least, topic: 'a/b', metadata: { qos: 1, other: [1] } });
    expect(command).toMatchObject({ topic: 'a/b', qos: 1 });
    expect(command.metadata).toStrictEqual({ topic: 'a/b', qos: 1, other: [1] });
  });

  test('metadata is passed through untouched when there is nothing to mirror', () => {
    const metadata = { translator_used: 'x', path: '/c', confirmable: 'perhaps', nested: { a: [null] } };
    expect(parseCommand({ ...least, metadata }).metadata).toStrictEqual(metadata);
  });

  test('the input itself is never changed', () => {
    const input = Object.freeze({ ...least, topic: 'a', metadata: Object.freeze({ other: 1 }) });
    expect(parseCommand(input).metadata).toStrictEqual({ other: 1, topic: 'a' });
    expect(input.metadata).toStrictEqual({ other: 1 });
  });

  test('the same value in both places is no conflict', () => {
    expect(parseCommand({ ...least, topic: 'a', metadata: { topic: 'a' } }).topic).toBe('a');
  });
});

const badInstant =
  'must be a Date, ISO 8601 text such as 2026-01-31T12:00:00Z, or seconds or milliseconds since 1970';
const badAnswerTime = 'answerWithinMs: must be a whole number from 1 to 2147483647';
const badText = 'must have no control characters, non-characters or broken surrogate pairs';
const badTopicText = `topic: ${badText}: a broker may end the connection for them`;
const badWildcard = 'must have no wildcards (+ or #): a command goes to one topic';

describe('a bad input is refused with its place and what is allowed', () => {
  test.each<[string, object, string]>([
    ['an unknown field', { comandType: 'x' }, 'the field "comandType" is not known'],
    ['unknown fields', { foo: 1, bar: 2 }, 'the fields "foo", "bar" are not known'],
    ['no deviceId', { deviceId: undefined }, 'deviceId: is required'],
    ['a numeric deviceId', { deviceId: 123 }, 'deviceId: must be text'],
    ['an empty deviceId', { deviceId: '' }, 'deviceId: must not be empty'],
    ['a deviceId of 257', { deviceId: 'x'.repeat(257) }, 'deviceId: must have at most 256 characters'],
    ['a control character in deviceId', { deviceId: 'a\nb' }, `deviceId: ${badText}`],
    ['a C1 control character in deviceId', { deviceId: 'a\u0085' }, `deviceId: ${badText}`],
    ['a lone high surrogate in deviceId', { deviceId: 'a\ud83d' }, `deviceId: ${badText}`],
    ['a lone low surrogate in deviceId', { deviceId: '\ude00a' }, `deviceId: ${badText}`],
    ['no commandType', { commandType: undefined }, 'commandType: is required'],
    ['an empty commandType', { commandType: '' }, 'commandType: must not be empty'],
    [
      'a commandType of 129',
      { commandType: 'x'.repeat(129) },
      'commandType: must have at most 128 characters',
    ],
    ['a control character in commandType', { commandType: '\u0000' }, `commandType: ${badText}`],
    [
      'the reserved commandType feedback',
      { commandType: 'feedback' },
      'commandType: "feedback" is reserved for the connectors',
    ],
    ['no protocol', { protocol: undefined }, 'protocol: is required'],
    ['an empty protocol', { protocol: '' }, 'protocol: must not be empty'],
    ['a numeric protocol', { protocol: 1 }, 'protocol: must be text'],
    ['a protocol of 65', { protocol: 'x'.repeat(65) }, 'protocol: must have at most 64 characters'],
    [
      'a protocol that is not registered',
      { protocol: 'zigbee' },
      'protocol: "zigbee" is not one of mqtt, coap, http; others must be registered',
    ],
    ['a + in the topic', { topic: 'devices/+/a' }, `topic: ${badWildcard}`],
    ['a # in the topic', { topic: 'devices/#' }, `topic: ${badWildcard}`],
    ['a NUL in the topic', { topic: 'a\0b' }, badTopicText],
    ['a TAB in the topic', { topic: 'a/\tb' }, badTopicText],
    ['a DEL in the topic', { topic: 'a/\u007f' }, badTopicText],
    ['a C1 control character in the topic', { topic: 'a/\u0085' }, badTopicText],
    ['a non-character in the topic', { topic: 'a/\uffff' }, badTopicText],
    ['a non-character of another plane in the topic', { topic: 'a/\u{1fffe}' }, badTopicText],
    ['a lone surrogate in the topic', { topic: 'a\ud800' }, badTopicText],
    [
      'a topic of 129 levels',
      { topic: 'a/'.repeat(128) },
      'topic: must have at most 128 levels, and has 129',
    ],
    ['a non-character in deviceId', { deviceId: 'a\ufdd0' }, `deviceId: ${badText}`],
    ['a non-character in requestId', { requestId: 'a\ufffe' }, `requestId: ${badText}`],
    ['an empty topic', { topic: '' }, 'topic: must not be empty'],
    ['a numeric topic', { topic: 4 }, 'topic: must be text'],
    [
      'a topic of 65,536 bytes',
      { topic: 'é'.repeat(32_768) },
      'topic: must have at most 65535 bytes, and has 65536',
    ],
    ['a qos of 3', { qos: 3 }, 'qos: must be 0, 1 or 2'],
    ['a qos as text', { qos: '1' }, 'qos: must be 0, 1 or 2'],
    ['a qos of 9 in metadata', { metadata: { qos: 9 } }, 'qos: must be 0, 1 or 2'],
    ['a retain that is no boolean', { retain: 'yes' }, 'retain: must be true or false'],
    [
      'a topic that differs from metadata',
      { topic: 'a', metadata: { topic: 'b' } },
      'topic: differs from metadata.topic; give it once',
    ],
    ['a path for mqtt', { path: '/a' }, 'path: belongs to coap and http, not to mqtt'],
    ['a topic for coap', { protocol: 'coap', topic: 'a' }, 'topic: belongs to mqtt, not to coap'],
    [
      'confirmable for http',
      { protocol: 'http', confirmable: true },
      'confirmable: belongs to coap, not to http',
    ],
    [
      'a path segment of 256 bytes',
      { protocol: 'coap', path: `/${'é'.repeat(128)}` },
      'path: must have segments of at most 255 bytes',
    ],
    ['.. in a path', { protocol: 'coap', path: '/a/../b' }, 'path: must have no ".." segment'],
    ['a path that is ..', { protocol: 'http', path: '..' }, 'path: must have no ".." segment'],
    ['%2e%2e in a path', { protocol: 'http', path: '/a/%2e%2E' }, 'path: must have no ".." segment'],
    ['.%2e in a path', { protocol: 'http', path: '/.%2e/a' }, 'path: must have no ".." segment'],
    ['an empty path', { protocol: 'http', path: '' }, 'path: must not be empty'],
    [
      'a control character in a path',
      { protocol: 'http', path: '/a\r\nb' },
      'path: must have no control characters',
    ],
    [
      'an unknown method',
      { protocol: 'http', method: 'BREW' },
      'method: must be one of GET, POST, PUT, DELETE, PATCH, FETCH, IPATCH',
    ],
    [
      'a confirmable that is no boolean',
      { protocol: 'coap', confirmable: 1 },
      'confirmable: must be true or false',
    ],
    ['a fractional priority', { priority: 1.5 }, 'priority: must be a whole number'],
    ['a priority as text', { priority: '1' }, 'priority: must be a whole number'],
    ['an infinite priority', { priority: Number.POSITIVE_INFINITY }, 'priority: must be a whole number'],
    ['an empty supersedeKey', { supersedeKey: '' }, 'supersedeKey: must not be empty'],
    [
      'a supersedeKey of 129',
      { supersedeKey: 'x'.repeat(129) },
      'supersedeKey: must have at most 128 characters',
    ],
    ['a control character in supersedeKey', { supersedeKey: 'a\n' }, `supersedeKey: ${badText}`],
    [
      'an evidence that no device gives',
      { requiredEvidence: 'broker' as never },
      'requiredEvidence: must be one of gateway, device, executed',
    ],
    ['no time for the answer', { answerWithinMs: 0 }, badAnswerTime],
    ['half a millisecond for it', { answerWithinMs: 1.5 }, badAnswerTime],
    ['more for it than a timer takes', { answerWithinMs: 2 ** 31 }, badAnswerTime],
    ['an expiry that is no time', { expiresAt: 'tomorrow' }, `expiresAt: ${badInstant}`],
    ['30 February', { expiresAt: '2026-02-30T00:00:00Z' }, `expiresAt: ${badInstant}`],
    ['29 February of a common year', { expiresAt: '2026-02-29' }, `expiresAt: ${badInstant}`],
    ['25 o’clock', { expiresAt: '2026-01-31T25:00:00Z' }, `expiresAt: ${badInstant}`],
    ['an offset of 24 hours', { expiresAt: '2026-01-31T12:00:00+24:00' }, `expiresAt: ${badInstant}`],
    ['the year 10000', { expiresAt: new Date('+010000-01-01T00:00:00Z') }, `expiresAt: ${badInstant}`],
    ['an invalid Date', { expiresAt: new Date(Number.NaN) }, `expiresAt: ${badInstant}`],
    ['a NaN timestamp', { timestamp: Number.NaN }, `timestamp: ${badInstant}`],
    ['a null timestamp', { timestamp: null }, `timestamp: ${badInstant}`],
    ['an empty requestId', { requestId: '' }, 'requestId: must not be empty'],
    ['a numeric requestId', { requestId: 5 }, 'requestId: must be text'],
    ['metadata as text', { metadata: 'x' }, 'metadata: must be a JSON object'],
    ['metadata as an array', { metadata: [] }, 'metadata: must be a JSON object'],
    [
      'metadata that JSON cannot carry',
      { metadata: { 'a b': { 0: Number.NaN } } },
      'metadata["a b"]["0"]: NaN is not a JSON number',
    ],
    [
      'several broken rules',
      { deviceId: '', payload: { a: Number.NaN, b: Symbol('b') }, extra: 1 },
      'deviceId: must not be empty; payload.a: NaN is not a JSON number; payload.b: a symbol cannot be sent as JSON; the field "extra" is not known',
    ],
  ])('%s', (_, change, message) => {
    const error = errorOf({ ...least, ...change });
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.message).toBe(`invalid command: ${message}`);
    expect(error.retryable).toBe(false);
  });

  test.each([
    ['null', null],
    ['undefined', undefined],
    ['a number', 42],
    ['text', 'set_led'],
    ['an array', [least]],
    ['a function', () => least],
  ])('%s is no command', (_, input) => {
    expect(errorOf(input).message).toBe('invalid command: must be an object');
  });

  test('issues name path and message apart', () => {
    expect(errorOf({ ...least, qos: 7, payload: { list: [1, { 'a b': undefined }] } }).issues).toStrictEqual([
      { path: 'payload.list[1]["a b"]', message: 'undefined cannot be sent as JSON' },
      { path: 'qos', message: 'must be 0, 1 or 2' },
    ]);
  });
});

test('what a getter in the input throws is kept as the cause', () => {
  const cause = new Error('no such device');
  const input = {
    ...least,
    get payload(): never {
      throw cause;
    },
  };
  const error = errorOf(input);
  expect(error.message).toBe('invalid command: could not be read: a getter or a proxy in it throws');
  expect(error.cause).toBe(cause);
});

describe('parseCommandDict', () => {
  const dict = { device_id: 'device123', command_type: 'set_led', protocol: 'mqtt' };

  test('reads the names of the wire, and null as absent', () => {
    const command = parseCommandDict({
      ...dict,
      request_id: 'r1',
      timestamp: '2026-01-31T12:00:00',
      expires_at: 1_900_000_000,
      payload: null,
      metadata: null,
      priority: null,
      topic: 'a/b',
    });
    expect(command).toStrictEqual({
      requestId: 'r1',
      timestamp: new Date('2026-01-31T12:00:00Z'),
      expiresAt: new Date('2030-03-17T17:46:40Z'),
      deviceId: 'device123',
      commandType: 'set_led',
      protocol: 'mqtt',
      payload: {},
      topic: 'a/b',
      metadata: { topic: 'a/b' },
    });
  });

  test.each<[string, object, string]>([
    ['an unknown field', { deviceId: 'a' }, 'deviceId: is not a known field'],
    ['an empty device_id', { device_id: '' }, 'device_id: must not be empty'],
    [
      'the reserved type',
      { command_type: 'feedback' },
      'command_type: "feedback" is reserved for the connectors',
    ],
    ['a bad time', { expires_at: 'x' }, `expires_at: ${badInstant}`],
    [
      'a conflict',
      { topic: 'a', metadata: { topic: 'b' } },
      'topic: differs from metadata.topic; give it once',
    ],
    ['NaN', { payload: { deviceId: Number.NaN } }, 'payload.deviceId: NaN is not a JSON number'],
  ])('%s is refused in those names', (_, change, message) => {
    expect(() => parseCommandDict({ ...dict, ...change })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED', message: `invalid command: ${message}` }),
    );
  });
});
