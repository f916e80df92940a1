import { type Backend, type PublishRecord, type RecordHeader, withHeaderTexts } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { expect, onTestFinished, test } from 'vitest';
import { type GivenLetter, letterRecord } from '../../test/dead-letter-records.js';
import { redrivenRecord } from '../redrive.js';
import { formatPlace } from './place.js';
import { readDeadLetters } from './read-dead-letters.js';

const topic = 'dead';
const options = { topic, timeoutMs: 10_000, signal: new AbortController().signal };

async function backendWith(records: readonly PublishRecord[]) {
  const backend = createMemoryBackend({ partitions: 2, maxMessageBytes: 2_000_000 });
  onTestFinished(() => backend.close({ timeoutMs: 1000 }));
  const outcomes = await backend.publish(records, { timeoutMs: 10_000 });
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
  return backend;
}

test.each([
  ['few', 0],
  ['more than are kept', 1_000_000],
])('%s letters, as they were when the reading began', async (_, valueBytes) => {
  const letters = Array.from({ length: 70 }, (_, position) => ({
    ...letterRecord(topic, { attempts: position, value: Buffer.alloc(valueBytes, 'x') }),
    partition: position % 2,
  }));
  const sentAgain = redrivenRecord({ topic, partition: 1, offset: 3 }, { key: 'd' });
  const backend = await backendWith([...letters, sentAgain]);
  const read = await readDeadLetters(backend, options);
  await backend.publish([{ ...letterRecord(topic), partition: 0 }], options);

  const attemptsOf: number[][] = [[], []];
  await read.forEach(async ({ place, letter }) => {
    await Promise.resolve();
    attemptsOf[place.partition]?.push(letter.attempts);
  });
  expect(attemptsOf).toEqual([
    Array.from({ length: 35 }, (_, position) => 2 * position),
    Array.from({ length: 35 }, (_, position) => 2 * position + 1),
  ]);
  const places = ['1:2', '1:3', '0:3'].map((text) => text.split(':').map(Number));
  const isSentAgain = places.map(([partition = 0, offset = 0]) => read.isSentAgain({ partition, offset }));
  expect(isSentAgain).toEqual([false, true, false]);
});

const megabyte = Buffer.alloc(1_000_000, 'x');
test.each<[string, GivenLetter]>([
  ['keys', { key: megabyte }],
  ['headers', { headers: [['h', megabyte]] }],
  ['names of headers', { headers: [[megabyte.toString(), null]] }],
])('%s of letters count towards what is kept', async (_, given) => {
  const letters = (count: number) =>
    Array.from({ length: count }, () => ({ ...letterRecord(topic, given), partition: 0 }));
  expect(await readingsOf(letters(10))).toBe(1);
  expect(await readingsOf(letters(70))).toBe(2);
});

test('each header of a letter counts, also without bytes', async () => {
  const headers = Array.from({ length: 2_000 }, (): RecordHeader => ['', null]);
  const letters = Array.from({ length: 200 }, () => {
    const letter = letterRecord(topic);
    return { ...letter, partition: 0, headers: [...(letter.headers ?? []), ...headers] };
  });
  expect(await readingsOf(letters)).toBe(2);
});

/** How often the topic is read until all letters were used once. */
async function readingsOf(letters: readonly PublishRecord[]): Promise<number> {
  const backend = await backendWith(letters);
  let readings = 0;
  const counted: Backend = {
    ...backend,
    subscribe(options) {
      readings += 1;
      return backend.subscribe(options);
    },
  };
  const read = await readDeadLetters(counted, options);
  let used = 0;
  await read.forEach(() => {
    used += 1;
  });
  expect(used).toBe(letters.length);
  return readings;
}

test('the event loop goes on while letters are used', async () => {
  const letters = Array.from({ length: 5 }, () => ({ ...letterRecord(topic), partition: 0 }));
  const read = await readDeadLetters(await backendWith(letters), options);
  let turns = 0;
  const seenTurns: number[] = [];
  await read.forEach(() => {
    seenTurns.push(turns);
    const endsAtMs = performance.now() + 11;
    while (performance.now() < endsAtMs) {
      // As a decoder does: the event loop stands still.
    }
    setImmediate(() => {
      turns += 1;
    });
  });
  expect(seenTurns).toEqual([0, 1, 2, 3, 4]);
});

test('what else is in the topic is counted and one of it named', async () => {
  const strange = { topic, key: 'd', partition: 0, value: Buffer.from('x') };
  const broken = { ...letterRecord(topic), partition: 0 };
  const headers = withHeaderTexts(broken.headers ?? [], { 'dead-at': 'soon' });
  const backend = await backendWith([strange, { ...broken, headers }, broken]);
  const read = await readDeadLetters(backend, options);
  expect(read.foreign).toBe(
    'records of dead that are no dead letters: 2, for example 0:0: its header record-type is missing',
  );
  const places: string[] = [];
  await read.forEach(({ place }) => {
    places.push(formatPlace(place));
  });
  expect(places).toEqual(['0:2']);
});

test('an empty topic', async () => {
  const read = await readDeadLetters(await backendWith([]), options);
  expect(read.foreign).toBeUndefined();
  await read.forEach(() => {
    expect.unreachable();
  });
});
