import { createMemoryBackend } from '@preservarium/backend-memory';
import { expect, onTestFinished, test } from 'vitest';
import { type GivenLetter, letterRecord } from '../../test/dead-letter-records.js';
import { chooseSendable } from './choose-sendable.js';
import { readDeadLetters } from './read-dead-letters.js';

const topic = 'dead';
const options = { topic, timeoutMs: 10_000, signal: new AbortController().signal };

/** Chooses from letters whose commands were pushed in the opposite order. */
async function choose(letters: readonly GivenLetter[], max: number) {
  const backend = createMemoryBackend({ partitions: 1 });
  onTestFinished(() => backend.close({ timeoutMs: 1000 }));
  const records = letters.map((letter, index) =>
    letterRecord(topic, {
      ...letter,
      source: { topic: 'device_commands', partition: 0, offset: letters.length - index },
    }),
  );
  const outcomes = await backend.publish(records, options);
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
  const { chosen, left } = await chooseSendable(await readDeadLetters(backend, options), {
    nowMs: 0,
    commandTopic: 'device_commands',
    isWanted: () => true,
    max,
    onRefused: () => expect.unreachable(),
  });
  return { offsets: chosen.map(({ letter }) => letter.source.offset), left };
}

test('the first commands are chosen', async () => {
  expect(await choose(Array(5).fill({}), 3)).toEqual({ offsets: [1, 2, 3], left: 2 });
});

test('no more are chosen than have 64 MiB, with what was decoded of them', async () => {
  // A command of 900 kB of text; and one of 30 kB whose objects take 30 times as much.
  const text = { command: { payload: { text: 'x'.repeat(900_000) } } };
  const objects = { command: { payload: { list: Array.from({ length: 10_000 }, () => ({})) } } };
  expect(await choose(Array(80).fill(text), 1_000)).toEqual({
    offsets: Array.from({ length: 37 }, (_, index) => index + 1),
    left: 43,
  });
  expect((await choose(Array(200).fill(objects), 1_000)).left).toBeGreaterThan(80);
});
