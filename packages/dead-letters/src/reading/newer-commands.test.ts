import { createMemoryBackend } from '@preservarium/backend-memory';
import { encodeCommand } from '@preservarium/core';
import { expect, onTestFinished, test } from 'vitest';
import { commandOf, consumedLetter, type GivenLetter } from '../../test/dead-letter-records.js';
import { type DeadEntry, readEntry } from './dead-entry.js';
import { createOrigins, noteNewerCommands } from './newer-commands.js';
import { createNewestCommands } from './newest-commands.js';

const topic = 'device_commands';
const options = { timeoutMs: 10_000, signal: new AbortController().signal };
const keyed = (seconds: number, more: GivenLetter['command'] = {}): GivenLetter => ({
  command: { supersedeKey: 'led', timestamp: new Date(seconds * 1000), requestId: `r${seconds}`, ...more },
});

/** Returns the command that is newer than a dead letter issued at 5 s, the second record of its topic. */
async function newerThan(letter: GivenLetter, pushed: readonly GivenLetter[]): Promise<string | undefined> {
  const backend = createMemoryBackend({ partitions: 1 });
  onTestFinished(() => backend.close({ timeoutMs: 1000 }));
  await backend.publish(
    pushed.map((given) => {
      const command = commandOf(given);
      return { topic, key: command.deviceId, value: given.value ?? encodeCommand(command) };
    }),
    options,
  );
  const read = readEntry(
    consumedLetter({ partition: 3, offset: 3 }, { source: { topic, partition: 0, offset: 1 }, ...letter }),
  );
  if (!read.ok) throw new Error(read.message);
  const entry: DeadEntry = read.entry;
  const newest = createNewestCommands(10);
  newest.noteLetter(entry);
  const origins = createOrigins();
  origins.add(entry);
  await noteNewerCommands(backend, newest, origins, options);
  return newest.newerThan(entry);
}

const dead = keyed(5);
const before = keyed(9);

test('a newer command of the same device and key that came after the letter', async () => {
  expect(await newerThan(dead, [before, dead, keyed(6), keyed(8), keyed(7)])).toBe(
    'the command r8 in device_commands',
  );
});

test('one that was sent again and not noted is newer than itself, so that it is not sent twice', async () => {
  expect(await newerThan(dead, [before, dead, dead])).toBe('the command r5 in device_commands');
});

test.each<[string, readonly GivenLetter[]]>([
  ['nothing came after it', [before, dead]],
  ['an older one, itself sent again', [before, dead, keyed(4)]],
  ['another device', [before, dead, keyed(6, { deviceId: 'e' })]],
  ['another key', [before, dead, keyed(6, { supersedeKey: 'fan' })]],
  ['no key', [before, dead, { command: { timestamp: new Date(9000) } }]],
  ['poison', [before, dead, { value: Buffer.from('?') }]],
])('not newer: %s', async (_, pushed) => {
  expect(await newerThan(dead, pushed)).toBeUndefined();
});

test('where no letter has a key, and where the topic is gone, nothing is read', async () => {
  expect(await newerThan({}, [before, before, before])).toBeUndefined();
  const gone = { topic: 'gone', partition: 0, offset: 0 };
  expect(await newerThan({ ...dead, source: gone }, [])).toBeUndefined();
});
