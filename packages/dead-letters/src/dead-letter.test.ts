import {
  noHeaders,
  type RecordHeader,
  type RecordHeaders,
  textHeaders,
  withHeaderTexts,
} from '@preservarium/backend';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deadLetterRecord, type NewDeadLetter, readDeadLetter } from './dead-letter.js';
import { readRedriven, redrivenRecord, redriveRecord } from './redrive.js';

const consumed = (record: ReturnType<typeof deadLetterRecord>, partition = 0) => ({
  topic: record.topic,
  partition,
  offset: 7,
  timestampMs: 0,
  key: Buffer.from(record.key as string),
  value: record.value,
  headers: record.headers ?? noHeaders,
});

const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const bytes = fc.uint8Array().map((array) => Buffer.from(array));
const ownNames = [
  'record-type',
  'attempts',
  'dead-at',
  'source-topic',
  'original-headers',
  'redriven',
  '',
  '__proto__',
];
const header: fc.Arbitrary<RecordHeader> = fc.tuple<[string, Buffer | null]>(
  fc.oneof(fc.constantFrom(...ownNames), fc.string({ unit: 'binary' })),
  fc.option(bytes),
);
const headers: fc.Arbitrary<RecordHeaders> = fc.array(header);
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
      key: bytes,
      value: bytes,
      headers,
    },
    { noNullPrototype: true },
  )
  .map(({ key, value, headers, ...letter }) => ({
    ...letter,
    record: { ...letter.source, timestampMs: 0, key, value, headers },
  }));

test('what was written is read again, whatever key and headers the original has', () => {
  fc.assert(
    fc.property(newLetter, (given) => {
      const { record, ...letter } = given;
      const { key, value, headers } = record;
      expect(readDeadLetter(consumed(deadLetterRecord('dead', given)))).toStrictEqual({
        ok: true,
        letter: { ...letter, key, value, headers },
      });
    }),
  );
});

test('no record makes it throw', () => {
  const named = fc.dictionary(
    fc.constantFrom('record-type', 'dead-reason', 'dead-at', 'attempts', 'source-topic', 'original-headers'),
    fc.oneof(fc.constantFrom('dead-letter', 'poison', '-1', '1e3', '9007199254740993', '[[]]'), text),
  );
  fc.assert(
    fc.property(named, fc.option(fc.uint8Array()), (texts, array) => {
      const value = array && Buffer.from(array);
      const headers = textHeaders(texts);
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
    headers: textHeaders({ trace: 'a' }),
  },
};

describe('what is not a dead letter', () => {
  const { headers = noHeaders } = deadLetterRecord('dead', letter);
  const without = (left: string) => headers.filter(([name]) => name !== left);
  const changed = (texts: Readonly<Record<string, string>>) => withHeaderTexts(headers, texts);
  test.each([
    [
      'another kind of record',
      textHeaders({ 'record-type': 'waiting' }),
      'no-dead-letter',
      'its header record-type is "waiting"',
    ],
    ['no kind', without('record-type'), 'no-dead-letter', 'its header record-type is missing'],
    [
      'another reason',
      changed({ 'dead-reason': 'old' }),
      'invalid-headers',
      /^dead-reason is none of poison,/,
    ],
    ['no time', changed({ 'dead-at': 'soon' }), 'invalid-headers', 'dead-at is no time'],
    ['no source', without('source-topic'), 'invalid-headers', 'source-topic is missing'],
    ['no offset', changed({ 'source-offset': '-1' }), 'invalid-headers', /whole numbers from 0$/],
    ['no count', changed({ attempts: '' }), 'invalid-headers', /whole numbers from 0$/],
    ...['no JSON', '{}', '[1]', '[["a"]]', '[["a",1]]', '[[null,"YQ=="]]'].map(
      (originals): [string, RecordHeaders, string, RegExp] => [
        `originals that are ${originals}`,
        changed({ 'original-headers': originals }),
        'invalid-headers',
        /^original-headers is no JSON list/,
      ],
    ),
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
    letter: { key: Buffer.alloc(0), value: Buffer.alloc(0), message: `${'x'.repeat(999)}\ufffd` },
  });
});

describe('sending again', () => {
  const readBack = (given: NewDeadLetter) => {
    const read = readDeadLetter(consumed(deadLetterRecord('dead', given)));
    if (!read.ok) throw new Error(read.message);
    return read.letter;
  };

  test('the original goes to where it came from, and says how many times it has', () => {
    const { key, value, headers, ...first } = redriveRecord(readBack(letter), ['device_commands']);
    expect([String(key), String(value), headers]).toEqual([
      'd',
      '{}',
      textHeaders({ trace: 'a', redriven: '1' }),
    ]);
    expect(first).toEqual({ topic: 'device_commands', partition: 3 });

    const diedAgain = readBack({ ...letter, record: { ...letter.record, headers: headers ?? noHeaders } });
    expect(redriveRecord(diedAgain, ['device_commands']).headers).toEqual(
      textHeaders({ trace: 'a', redriven: '2' }),
    );
    const strange = { ...readBack(letter), headers: textHeaders({ redriven: 'yes' }) };
    expect(redriveRecord(strange, ['device_commands']).headers).toEqual(textHeaders({ redriven: '1' }));
  });

  test('a dead letter goes to command topics alone, whatever it says', () => {
    const forged = readBack({ ...letter, source: { ...letter.source, topic: 'payments' } });
    expect(() => redriveRecord(forged, ['device_commands', 'others'])).toThrow(
      'is of topic "payments", and goes to command topics alone: device_commands, others',
    );
  });

  test('that it was is said in the partition of the dead letter', () => {
    const record = redrivenRecord({ topic: 'dead', partition: 2, offset: 9 }, { key: 'd' });
    expect(record).toMatchObject({ topic: 'dead', partition: 2, key: 'd' });
    expect(readRedriven(consumed(record))).toEqual({ partition: 2, offset: 9 });
    expect(readDeadLetter(consumed(record))).toMatchObject({ ok: false, reason: 'no-dead-letter' });
  });

  test.each([
    ['a dead letter', deadLetterRecord('dead', letter).headers ?? noHeaders],
    ['one that names no offset', textHeaders({ 'record-type': 'redriven', 'redriven-partition': '0' })],
    ['one that names none at all', textHeaders({ 'record-type': 'redriven' })],
  ])('nothing is said by %s', (_, headers) => {
    expect(readRedriven({ headers })).toBeUndefined();
  });
});
