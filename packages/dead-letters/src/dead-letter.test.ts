import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deadLetterRecord, type NewDeadLetter, readDeadLetter } from './dead-letter.js';
import { readRedriven, redrivenRecord, redriveRecord } from './redrive.js';

const consumed = (record: ReturnType<typeof deadLetterRecord>, partition = 0) => ({
  topic: record.topic,
  partition,
  offset: 7,
  timestampMs: 0,
  key: Buffer.from(record.key),
  value: record.value,
  headers: record.headers ?? {},
});

const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const ownNames = ['record-type', 'attempts', 'dead-at', 'source-topic', 'original-attempts', 'redriven'];
const headers = fc.dictionary(fc.oneof(fc.constantFrom(...ownNames, '__proto__'), text), text, {
  noNullPrototype: true,
});
const source = fc.record({ topic: text, partition: count, offset: count }, { noNullPrototype: true });
const newLetter: fc.Arbitrary<NewDeadLetter> = fc
  .record(
    {
      reason: fc.constantFrom('poison' as const, 'rejected' as const, 'exhausted' as const),
      message: text.filter(({ length }) => length <= 1000),
      attempts: count,
      groupId: text,
      diedAtMs: fc.date({ noInvalidDate: true }).map(Number),
      source,
      key: text,
      value: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      headers,
    },
    { noNullPrototype: true },
  )
  .map(({ key, value, headers, ...letter }) => ({
    ...letter,
    record: { ...letter.source, timestampMs: 0, key: Buffer.from(key), value, headers },
  }));

test('what was written is read again, whatever the headers of the original', () => {
  fc.assert(
    fc.property(newLetter, (given) => {
      const { record, ...letter } = given;
      const { key, value, headers } = record;
      expect(readDeadLetter(consumed(deadLetterRecord('dead', given)))).toStrictEqual({
        ok: true,
        letter: { ...letter, key: String(key), value, headers },
      });
    }),
  );
});

test('no record makes it throw', () => {
  const named = fc.dictionary(
    fc.constantFrom('record-type', 'dead-reason', 'dead-at', 'attempts', 'source-topic', 'source-offset'),
    fc.oneof(fc.constantFrom('dead-letter', 'poison', '-1', '1e3', '9007199254740993'), text),
  );
  fc.assert(
    fc.property(named, fc.option(fc.uint8Array()), (headers, bytes) => {
      const value = bytes && Buffer.from(bytes);
      const record = { topic: 't', partition: 0, offset: 0, timestampMs: 0, key: value, value, headers };
      const read = readDeadLetter(record);
      expect(read.ok || read.message !== '').toBe(true);
    }),
  );
});

const letter: NewDeadLetter = {
  reason: 'exhausted',
  message: 'no answer',
  attempts: 5,
  groupId: 'pusher_connector_mqtt',
  diedAtMs: 1000,
  source: { topic: 'device_commands', partition: 3, offset: 42 },
  record: {
    topic: 'device_commands',
    partition: 3,
    offset: 42,
    timestampMs: 0,
    key: Buffer.from('d'),
    value: Buffer.from('{}'),
    headers: { trace: 'a' },
  },
};

describe('what is not a dead letter', () => {
  const { headers = {} } = deadLetterRecord('dead', letter);
  const { 'record-type': _type, ...untyped } = headers;
  const { 'source-topic': _topic, ...homeless } = headers;
  test.each([
    [
      'another kind of record',
      { 'record-type': 'waiting' },
      'no-dead-letter',
      'its header record-type is "waiting"',
    ],
    ['no kind', untyped, 'no-dead-letter', 'its header record-type is missing'],
    [
      'another reason',
      { ...headers, 'dead-reason': 'old' },
      'invalid-headers',
      /^dead-reason is none of poison,/,
    ],
    ['no time', { ...headers, 'dead-at': 'soon' }, 'invalid-headers', 'dead-at is no time'],
    ['no source', homeless, 'invalid-headers', 'source-topic is missing'],
    ['no offset', { ...headers, 'source-offset': '-1' }, 'invalid-headers', /whole numbers from 0$/],
    ['no count', { ...headers, attempts: '' }, 'invalid-headers', /whole numbers from 0$/],
  ])('%s', (_, headers, reason, message) => {
    const record = { ...consumed(deadLetterRecord('dead', letter)), headers };
    expect(readDeadLetter(record)).toEqual({ ok: false, reason, message: expect.stringMatching(message) });
  });
});

test('a record without key and value, and a message that is too long', () => {
  const empty = {
    ...letter,
    message: `${'x'.repeat(999)}😀\0`,
    record: { ...letter.record, key: null, value: null },
  };
  const record = consumed(deadLetterRecord('dead', empty));
  expect(readDeadLetter({ ...record, key: null, value: null })).toMatchObject({
    letter: { key: '', value: Buffer.alloc(0), message: `${'x'.repeat(999)}\ufffd` },
  });
});

describe('sending again', () => {
  const readBack = (given: NewDeadLetter) => {
    const read = readDeadLetter(consumed(deadLetterRecord('dead', given)));
    if (!read.ok) throw new Error(read.message);
    return read.letter;
  };

  test('the original goes to where it came from, and says how many times it has', () => {
    const { key, value, headers, ...first } = redriveRecord(readBack(letter));
    expect([key, String(value), headers]).toEqual(['d', '{}', { trace: 'a', redriven: '1' }]);
    expect(first).toEqual({ topic: 'device_commands', partition: 3 });

    const diedAgain = readBack({ ...letter, record: { ...letter.record, headers: headers ?? {} } });
    expect(redriveRecord(diedAgain).headers).toEqual({ trace: 'a', redriven: '2' });
    const strange = { ...readBack(letter), headers: { redriven: 'yes' } };
    expect(redriveRecord(strange).headers).toEqual({ redriven: '1' });
  });

  test('that it was is said in the partition of the dead letter', () => {
    const record = redrivenRecord({ topic: 'dead', partition: 2, offset: 9 }, { key: 'd' });
    expect(record).toMatchObject({ topic: 'dead', partition: 2, key: 'd' });
    expect(readRedriven(consumed(record))).toEqual({ partition: 2, offset: 9 });
    expect(readDeadLetter(consumed(record))).toMatchObject({ ok: false, reason: 'no-dead-letter' });
  });

  test.each([
    ['a dead letter', deadLetterRecord('dead', letter).headers ?? {}],
    ['one that names no offset', { 'record-type': 'redriven', 'redriven-partition': '0' }],
    ['one that names none at all', { 'record-type': 'redriven' }],
  ])('nothing is said by %s', (_, headers) => {
    expect(readRedriven({ headers })).toBeUndefined();
  });
});
