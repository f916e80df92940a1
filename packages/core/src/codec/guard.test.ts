import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { countedJson, countValues } from '../../test/counted-json.js';
import { hostileJson, nestedArrays } from '../../test/hostile-json.js';
import {
  decodeCancellation,
  decodeCommand,
  decodeLifecycleEvent,
  decodeSettings,
  encodeCommand,
  encodeLifecycleEvent,
  encodeSettings,
  type LifecycleEvent,
  parseCommand,
  parseCommandDict,
  parseSettings,
  ValidationError,
} from '../index.js';

const decoders = [decodeCommand, decodeSettings, decodeLifecycleEvent, decodeCancellation];

/** A record that satisfies every decoder but for what the attacker adds. */
function record(changes: Readonly<Record<string, string>>): Buffer {
  const fields = {
    request_id: '"r1"',
    timestamp: '"2026-01-31T12:00:00.000Z"',
    device_id: '"device123"',
    command_type: '"set_led"',
    payload: '{}',
    protocol: '"mqtt"',
    settings: '{}',
    state: '"delivered"',
    ...changes,
  };
  const members = Object.entries(fields).map(([name, json]) => `${JSON.stringify(name)}:${json}`);
  return Buffer.from(`{${members.join(',')}}`);
}

const names = ['payload', 'metadata', 'settings', 'result', 'unheard_of', 'request_id', 'device_id', 'topic'];
const hostileRecord = fc
  .dictionary(fc.constantFrom(...names), hostileJson, { maxKeys: 3 })
  .map((changes) => record(changes));

describe('a hostile record', () => {
  test('is decoded or refused with a short message, and what is decoded can be encoded and decoded again', {
    timeout: 60_000,
  }, () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), hostileRecord), (value) => {
        for (const decode of decoders) {
          const decoded = decode(value);
          if (!decoded.ok) expect(decoded.message.length).toBeLessThanOrEqual(1_000);
        }
        const command = decodeCommand(value);
        if (command.ok)
          expect(decodeCommand(encodeCommand(command.command, command.unknownFields)).ok).toBe(true);
        const event = decodeLifecycleEvent(value);
        if (event.ok) expect(decodeLifecycleEvent(encodeLifecycleEvent(event.event)).ok).toBe(true);
        const settings = decodeSettings(value);
        if (settings.ok) expect(decodeSettings(encodeSettings(settings.settings)).ok).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('is read a number of times that grows only with its size', { timeout: 60_000 }, () => {
    const parse = JSON.parse;
    const counters: { reads: () => number; values: number }[] = [];
    const spy = vi.spyOn(JSON, 'parse').mockImplementation((text) => {
      const parsed: unknown = parse(text);
      const counted = countedJson(parsed);
      counters.push({ reads: counted.reads, values: countValues(parsed) });
      return counted.value;
    });
    try {
      fc.assert(
        fc.property(hostileRecord, (value) => {
          for (const decode of decoders) {
            decode(value);
            const { reads, values } = counters.pop() as (typeof counters)[number];
            expect(reads()).toBeLessThanOrEqual(200 + 12 * values);
          }
        }),
        { numRuns: 200 },
      );
    } finally {
      spy.mockRestore();
    }
  });

  test.each([
    [
      '8,000 problems below 63 levels',
      record({ payload: `{"a":${nestedArrays(62, new Array(8_000).fill('[[]]').join(','))}}` }),
    ],
    [
      '300,000 numbers that are none',
      record({ payload: `{"a":[${new Array(300_000).fill('1e999').join(',')}]}` }),
    ],
    ['names of 100 kB', record({ payload: `{"${'k'.repeat(100_000)}":{"${'l'.repeat(100_000)}":1e999}}` })],
    ['a device id of 600 kB', record({ device_id: `"${'d'.repeat(600_000)}"` })],
    ['an unknown field of 100,000 levels', record({ unheard_of: nestedArrays(100_000) })],
    ['an unknown field of 600 kB and 65 levels', record({ ['u'.repeat(600_000)]: nestedArrays(65) })],
    ['a payload of 100,000 levels', record({ payload: `{"a":${nestedArrays(100_000)}}` })],
    ['100 kB that are no JSON', Buffer.alloc(100_000, 'x')],
  ])('with %s is refused in at most 1,000 characters', (_, value) => {
    const decoded = decodeCommand(value);
    if (decoded.ok) throw new Error('was decoded');
    expect(decoded.message.length).toBeLessThanOrEqual(1_000);
  });

  test('of more than 16 MiB is refused unread', () => {
    expect(decodeCommand(Buffer.alloc(16 * 1024 * 1024 + 1, 0xff))).toStrictEqual({
      ok: false,
      reason: 'too-large',
      message: 'the value has 16777217 bytes, the limit is 16777216',
    });
  });

  test('reports 20 problems and says that there are more', () => {
    const decoded = decodeCommand(record({ payload: `{"a":[${new Array(21).fill('1e999').join(',')}]}` }));
    if (decoded.ok) throw new Error('was decoded');
    expect(decoded.message).toMatch(/payload\.a\[0\]: Infinity.*payload\.a\[19\]: Infinity[^;]*; and more$/);
  });
});

describe('a hostile input', () => {
  test('is parsed or refused with at most 20 issues and a short message', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(hostileJson, (json) => {
        const given = { a: JSON.parse(json) };
        for (const parse of [
          () => parseCommand({ deviceId: 'd', commandType: 'c', protocol: 'mqtt', payload: given }),
          () => parseCommandDict({ device_id: 'd', command_type: 'c', protocol: 'mqtt', ...given.a }),
          () => parseSettings({ deviceId: 'd', settings: given }),
        ]) {
          const error = errorOf(parse);
          if (error === undefined) continue;
          if (!ValidationError.isInstance(error)) throw error;
          expect(error.issues.length).toBeLessThanOrEqual(20);
          expect(error.message.length).toBeLessThanOrEqual(1_100);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('that refers to one object 2 ** 60 times is refused', () => {
    let payload: Record<string, unknown> = {};
    for (let level = 0; level < 60; level++) payload = { a: payload, b: payload };
    const command = { deviceId: 'd', commandType: 'c', protocol: 'mqtt', payload } as const;
    expect(() => parseCommand(command)).toThrow(/has more than 1048576 values/);
  });

  test('that overflows the stack of JSON.stringify is a ValidationError of the encoder', () => {
    const command = parseCommand({ deviceId: 'd', commandType: 'c', protocol: 'mqtt' });
    const unknownFields = JSON.parse(`{"a":${nestedArrays(100_000)}}`);
    expect(() => encodeCommand(command, unknownFields)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED' }),
    );
  });
});

describe('an event with a result', () => {
  const event: LifecycleEvent = {
    requestId: 'r1',
    deviceId: 'device123',
    state: 'succeeded',
    timestamp: new Date(0),
  };
  const written = (result: unknown, more: Partial<LifecycleEvent> = {}) => {
    const value = encodeLifecycleEvent({ ...event, ...more, result: result as null });
    const decoded = decodeLifecycleEvent(value);
    if (!decoded.ok) throw new Error(decoded.message);
    return { sizeBytes: value.length, ...decoded.event };
  };

  test('of any kind is written so that it can be read', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything({ withBigInt: true, withDate: true }),
          hostileJson.map((json) => JSON.parse(json)),
        ),
        (result) => {
          expect(written(result).sizeBytes).toBeLessThanOrEqual(1_000_000);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('keeps a result of 64 levels', () => {
    const result = JSON.parse(nestedArrays(64));
    expect(written(result)).toMatchObject({ result });
  });

  test('loses a result of 65 levels and says so', () => {
    const { result, reason } = written(JSON.parse(nestedArrays(65)), { reason: 'it said' });
    expect(result).toBeUndefined();
    expect(reason).toMatch(/^it said; the result was left out: \[0\].*is nested more than 64 levels deep$/);
  });

  test('loses a result that grows beyond the limit when it is written again, and says so', () => {
    const text = `[${new Array(50_000).fill('1e20').join(',')}]`;
    expect(text.length).toBe(250_001);
    const { result, reason } = written(JSON.parse(text));
    expect(result).toBeUndefined();
    expect(reason).toMatch(
      /^the result was left out: the event would take 11\d{5} bytes, the limit is 1000000$/,
    );
  });

  test('has reason, command type and protocol cut', () => {
    const long = 'x'.repeat(600_000);
    const { reason, commandType, protocol } = written(undefined, {
      reason: long,
      commandType: long,
      protocol: long,
    });
    expect([reason?.length, commandType?.length, protocol?.length]).toEqual([1_000, 128, 64]);
  });
});

function errorOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}
