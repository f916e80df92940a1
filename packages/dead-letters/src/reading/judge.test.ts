import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consumedLetter, type GivenLetter } from '../../test/dead-letter-records.js';
import { type DeadEntry, readEntry } from './dead-entry.js';
import { judge } from './judge.js';
import { createNewestCommands } from './newest-commands.js';
import { formatPlace } from './place.js';

const nowMs = Date.parse('2026-01-31T12:00:00Z');
const options = { nowMs, commandTopic: 'device_commands' };

function entry(offset: number, given: GivenLetter = {}): DeadEntry {
  const read = readEntry(consumedLetter({ partition: 0, offset }, given));
  if (!read.ok) throw new Error(read.message);
  return read.entry;
}

/** Returns the verdicts on these dead letters when there are no others. */
function judgeAll(entries: readonly DeadEntry[], sentAgain: readonly string[] = []) {
  const newest = createNewestCommands(1000);
  for (const one of entries) newest.noteLetter(one);
  const isSentAgain = (place: DeadEntry['place']) => sentAgain.includes(formatPlace(place));
  return entries.map((one) => judge(one, { isSentAgain, newerThan: newest.newerThan }, options));
}

const keyed = (offset: number, seconds: number, deviceId = 'd', supersedeKey = 'led') =>
  entry(offset, { command: { deviceId, supersedeKey, timestamp: new Date(seconds * 1000) } });

test('a command as any other can be sent', () => {
  expect(judgeAll([entry(0)])).toEqual([
    { outcome: 'sendable', message: 'would go to device_commands, partition 0' },
  ]);
});

test('a copy of another record is not sent again, an unsigned one may be', () => {
  const [replayed, unsigned] = judgeAll([entry(0, { reason: 'replayed' }), entry(1, { reason: 'unsigned' })]);
  expect(replayed?.outcome).toBe('replayed');
  expect(unsigned?.outcome).toBe('sendable');
});

test('a dead letter of another topic is not sent, whatever it says', () => {
  const forged = entry(0, { source: { topic: 'payments', partition: 0, offset: 0 } });
  expect(judgeAll([forged])).toEqual([
    {
      outcome: 'otherTopic',
      message: 'is of topic "payments", not of device_commands',
    },
  ]);
});

test('what cannot be read, by the connector then or by us now, is poison', () => {
  const unread = entry(0, { value: Buffer.from('[]') });
  const refused = entry(1, { reason: 'poison' });
  expect(judgeAll([unread, refused]).map(({ outcome }) => outcome)).toEqual(['poison', 'poison']);
});

test('expired from that moment on', () => {
  const at = (ms: number) => entry(0, { command: { expiresAt: new Date(ms) } });
  expect(judgeAll([at(nowMs)])).toEqual([
    { outcome: 'expired', message: 'expired at 2026-01-31T12:00:00.000Z' },
  ]);
  expect(judgeAll([at(nowMs + 1)])).toMatchObject([{ outcome: 'sendable' }]);
});

describe('superseded', () => {
  const outcomes = (...args: Parameters<typeof judgeAll>) => judgeAll(...args).map(({ outcome }) => outcome);

  test('by the one of the same device and key that was issued last, wherever it is', () => {
    const all = [keyed(0, 1), keyed(1, 3), keyed(2, 2), keyed(3, 9, 'e'), keyed(4, 9, 'd', 'fan'), entry(5)];
    expect(outcomes(all)).toEqual([
      'superseded',
      'sendable',
      'superseded',
      'sendable',
      'sendable',
      'sendable',
    ]);
    expect(judgeAll(all)[0]?.message).toBe('superseded by the dead letter 0:1, which is newer');
  });

  test('also by one that has been sent again, or has expired', () => {
    expect(outcomes([keyed(0, 1), keyed(1, 2)], ['0:1'])).toEqual(['superseded', 'sentBefore']);
    const expired = entry(1, { command: { supersedeKey: 'led', expiresAt: new Date(nowMs) } });
    expect(outcomes([keyed(0, 0), expired])).toEqual(['superseded', 'expired']);
  });

  test('the later in the command topic, where they were issued at the same time', () => {
    const at = (offset: number, sourceOffset: number) =>
      entry(offset, {
        source: { topic: 'device_commands', partition: 0, offset: sourceOffset },
        command: { supersedeKey: 'led' },
      });
    expect(outcomes([at(0, 8), at(1, 7)])).toEqual(['sendable', 'superseded']);
  });

  test('one of each device and key can be sent, in whatever order they are read', () => {
    const letters = fc.array(
      fc.record({
        seconds: fc.nat({ max: 3 }),
        device: fc.constantFrom('d', 'e'),
        key: fc.constantFrom('a', 'b'),
      }),
    );
    fc.assert(
      fc.property(letters, (given) => {
        const all = given.map(({ seconds, device, key }, offset) => keyed(offset, seconds, device, key));
        const groups = Map.groupBy(
          given.keys(),
          (position) => `${given[position]?.device} ${given[position]?.key}`,
        );
        const verdicts = outcomes(all);
        for (const positions of groups.values()) {
          const sendable = positions.filter((position) => verdicts[position] === 'sendable');
          expect(sendable).toHaveLength(1);
          const newest = Math.max(...positions.map((position) => given[position]?.seconds ?? 0));
          expect(given[sendable[0] ?? -1]?.seconds).toBe(newest);
        }
      }),
    );
  });

  test('beyond the limit, those that were not seen for longest are forgotten', () => {
    const newest = createNewestCommands(1);
    for (const one of [keyed(0, 2), keyed(1, 2, 'e')]) newest.noteLetter(one);
    expect(newest.newerThan(keyed(2, 1))).toBeUndefined();
    expect(newest.newerThan(keyed(2, 1, 'e'))).toBe('the dead letter 0:1');
  });
});
