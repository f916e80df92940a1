import assert from 'node:assert/strict';
import type { Backend, RecordHeaders } from '@preservarium/backend';
import type { ConformanceSuite } from '../harness.js';
import { assertAllAcknowledged } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';

type Needs = 'text' | 'bytes' | 'all';

const timeoutMs = 20_000;
const value = Buffer.from('{}');
const text = Buffer.from('größe');

/** Headers, with the least that a client must support to send them. */
const cases: readonly (readonly [key: string, needs: Needs, headers: RecordHeaders])[] = [
  ['none', 'text', []],
  ['text', 'text', [['name', text]]],
  ['empty value', 'text', [['name', Buffer.alloc(0)]]],
  ['empty name', 'text', [['', text]]],
  [
    'names of an object',
    'text',
    ['__proto__', 'constructor', 'toString'].map((name) => [name, text] as const),
  ],
  ['one name three times', 'text', ['c', 'a', 'b'].map((letter) => ['name', Buffer.from(letter)] as const)],
  ['a byte that is no text', 'bytes', [['name', Buffer.from([0xff])]]],
  ['NUL in a value', 'bytes', [['name', Buffer.from('a\0b')]]],
  ['NUL in a name', 'bytes', [['na\0me', text]]],
  ['all bytes', 'bytes', [['name', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))]]],
  ['null', 'all', [['name', null]]],
  [
    'null among others',
    'all',
    [
      ['name', text],
      ['name', null],
      ['name', text],
    ],
  ],
];

export function bytesTests({ test, harness }: ConformanceSuite): void {
  test('publish: headers arrive byte for byte, or the record is refused; what supports.headers says is not', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const records = cases.map(([key, , headers]) => ({ topic, key, value, headers }));
      const outcomes = await backend.publish(records, { timeoutMs });
      const sent = cases.filter(([, needs]) => isSupported(backend, needs));
      assert.deepEqual(
        outcomes.map((outcome) => (outcome.ok ? 'sent' : outcome.error.code)),
        cases.map((one) => (sent.includes(one) ? 'sent' : 'VALIDATION_FAILED')),
      );
      const read = new Map(
        (await harness.readTopic(topic)).map(({ key, headers }) => [String(key), headers]),
      );
      assert.deepEqual(
        [...read].sort(byName),
        sent.map(([key, , headers]) => [key, headers] as const).sort(byName),
      );
    }));

  test('publish: a key may be bytes; text and its bytes in UTF-8 are the same key', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 20 });
      const keys = [Buffer.from([0xff, 0x00, 0xfe]), Buffer.from([0xff, 0x00, 0xfd]), 'größe', text, 'größe'];
      const outcomes = await backend.publish(
        keys.map((key, index) => ({ topic, key, value: Buffer.from(String(index)) })),
        { timeoutMs },
      );
      assertAllAcknowledged(outcomes, keys.length);
      const read = await harness.readTopic(topic);
      const byValue = [...read].sort((a, b) => Number(a.value) - Number(b.value));
      assert.deepEqual(
        byValue.map(({ key }) => key),
        keys.map((key) => Buffer.from(key as string)),
      );
      const ofText = read.filter(({ key }) => key?.equals(text));
      assert.equal(new Set(ofText.map(({ partition }) => partition)).size, 1, 'one partition for one key');
      assert.deepEqual(
        ofText.map((record) => String(record.value)),
        ['2', '3', '4'],
      );
    }));
}

function isSupported({ supports }: Backend, needs: Needs): boolean {
  const levels: readonly Needs[] = ['text', 'bytes', 'all'];
  return levels.indexOf(supports.headers) >= levels.indexOf(needs);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
