import { decodeLifecycleEvent, encodeLifecycleEvent, exactNumbers } from '@preservarium/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deviceResult, parseDeviceJson, readSettingsPatch, resultLeftOut } from './device-json.js';

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

/** Messages of devices: bytes, JSON, JSON that is nested or that grows when it is written again. */
const sent = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text)),
  fc.nat({ max: 20_000 }).map((levels) => Buffer.from('['.repeat(levels) + ']'.repeat(levels))),
  fc.nat({ max: 20_000 }).map((levels) => Buffer.from(nested(levels))),
  fc.nat({ max: 50_000 }).map((count) => Buffer.from(`{"a":[${'1e20,'.repeat(count)}1e999]}`)),
);

test('whatever a device answers, an event can carry what is made of it', () => {
  fc.assert(
    fc.property(sent, fc.option(fc.string(), { nil: undefined }), (bytes, reason) => {
      const parsed = parseDeviceJson(bytes);
      const said = parsed.ok ? deviceResult(parsed.value, reason) : resultLeftOut('no JSON', reason);
      const ids = { requestId: 'r1', deviceId: 'lamp-7', timestamp: new Date(0) };
      const decoded = decodeLifecycleEvent(encodeLifecycleEvent({ ...ids, state: 'delivered', ...said }));
      if (!decoded.ok) throw new Error(decoded.message);
      expect(decoded.event.result ?? null).toEqual(said.result ?? null);
    }),
    { numRuns: 300 },
  );
});

test('whatever a device reports is an object of at most 64 levels, or refused in few words', () => {
  fc.assert(
    fc.property(sent, (bytes) => {
      const read = readSettingsPatch(bytes, { maxBytes: 65_536 });
      if (read.ok) expect(JSON.parse(JSON.stringify(read.patch))).toEqual(JSON.parse(bytes.toString()));
      else expect(read.problem.length).toBeLessThan(1_100);
    }),
    { numRuns: 300 },
  );
});

describe('numbers', () => {
  test('of an answer and of settings are kept as they were written', () => {
    const text = '{"serial":1724442618569203714,"list":[21.0]}';
    const parsed = parseDeviceJson(text);
    const { result } = parsed.ok ? deviceResult(parsed.value) : {};
    expect(JSON.stringify(exactNumbers(result))).toBe(text);
    const read = readSettingsPatch(Buffer.from(text), { maxBytes: 100 });
    expect(read.ok && JSON.stringify(exactNumbers(read.patch))).toBe(text);
  });

  test.each([
    ['1724442618569203714', '1724442618569203714'],
    [' -1.000000000000000000001\n', '-1.000000000000000000001'],
    ['21.0', 21],
    ['1e3', 1000],
  ])('alone, %s is text where no number holds it', (text, value) => {
    expect(parseDeviceJson(text)).toEqual({ ok: true, value });
  });
});

describe('the result', () => {
  test.each<[string, string | undefined, object]>([
    ['{"on":true}', undefined, { result: { on: true } }],
    ['null', 'done', { result: null, reason: 'done' }],
    [nested(64), undefined, { result: JSON.parse(nested(64)) }],
  ])('of %s is kept', (text, reason, expected) => {
    const parsed = parseDeviceJson(text);
    expect(parsed.ok && deviceResult(parsed.value, reason)).toStrictEqual(expected);
  });

  test.each([
    [nested(65), 'is nested more than 64 levels deep'],
    ['['.repeat(100_000) + ']'.repeat(100_000), 'is nested more than 64 levels deep'],
    [`[${'1e20,'.repeat(200_000)}0]`, 'the limit is 900000'],
    ['[1e999]', 'is not a JSON number'],
  ])('is left out where no event can carry it (%#)', (text, problem) => {
    const parsed = parseDeviceJson(text);
    const said = parsed.ok ? deviceResult(parsed.value, 'no power') : {};
    expect(said).toStrictEqual({ reason: expect.stringMatching(/^no power; result left out: /) });
    expect(said.reason).toContain(problem);
  });

  test('of nothing is nothing', () => {
    expect(deviceResult(undefined)).toStrictEqual({});
    expect(deviceResult(undefined, 'busy')).toStrictEqual({ reason: 'busy' });
  });
});
