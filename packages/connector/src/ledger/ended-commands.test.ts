import { type ConsumedRecord, silentLogger } from '@preservarium/backend';
import { expect, test } from 'vitest';
import { createEndedCommands } from './ended-commands.js';
import { evidenceOf } from './topic-evidence.js';

const record = (offset: number, text = String(offset)): ConsumedRecord => ({
  topic: 'commands',
  partition: 0,
  offset,
  timestampMs: 1_000,
  key: null,
  value: Buffer.from(text),
  headers: [],
});

/** The next owner of a partition in which all before offset 4 have ended but 0. */
function createNextOwner() {
  const ended: number[] = [];
  let unread = 0;
  const commands = createEndedCommands({
    logger: silentLogger,
    onEnded: (offset) => ended.push(offset),
    onUnread: () => {
      unread += 1;
    },
  });
  commands.restore({
    generation: 0,
    nextOffset: 4,
    open: [0],
    writtenAtMs: 1_000,
    last: evidenceOf(record(3)),
    repeatsBelow: 0,
    deferredRepeatsBelow: 0,
  });
  commands.own(10, 0, false, { sourcesFrom: () => [], writtenAtMs: () => undefined });
  return { commands, ended, unread: () => unread };
}

test('commands that are held until the topic is known are none of the open ones', () => {
  const { commands, ended } = createNextOwner();
  expect([0, 1, 2].map((offset) => commands.take(record(offset)))).toEqual(['open', 'held', 'held']);
  expect(commands.progress()).toMatchObject({ nextOffset: 4, open: [0], last: { offset: 3 } });
  expect(commands.take(record(3))).toBe('ended');
  expect(ended).toEqual([1, 2]);
});

test('they are open, and read again, where the topic is another one', () => {
  const { commands, ended, unread } = createNextOwner();
  for (const offset of [0, 1, 2]) commands.take(record(offset));
  expect(commands.take(record(3, 'another'))).toBe('open');
  expect(commands.progress()).toMatchObject({ nextOffset: 4, open: [0, 1, 2, 3] });
  expect([ended, unread()]).toEqual([[], 1]);
});

test('a topic of which nothing was known is the first one: its commands have their offsets for places', () => {
  const commands = createEndedCommands({ logger: silentLogger, onEnded: () => {}, onUnread: () => {} });
  commands.startAnew();
  expect(commands.placeOf(7)).toBe(7);
  commands.restore(commands.progress());
  commands.startAnew();
  expect(commands.placeOf(7)).toBe(2 ** 40 + 7);
});
