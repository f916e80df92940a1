import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStateDir, type NewCommand, openStore, waitingCommand } from '../../test/waiting-stores.js';
import type { WaitingCommand, WaitingStore } from './waiting-store.js';

const { stateDir, clean } = createStateDir();
afterEach(clean);

const offsetsOf = (commands: readonly WaitingCommand[]) => commands.map(({ record }) => record.offset);

describe.each([
  ['in memory', undefined],
  ['in a file', stateDir],
])('a store %s', (_, directory) => {
  let store: WaitingStore;

  beforeEach(() => {
    store = openStore(directory);
  });
  afterEach(() => store.close());

  function add(...commands: readonly NewCommand[]) {
    const waiting = store.of(0);
    for (const command of commands) waiting.add(command);
    return waiting;
  }

  test('gives back what was added', () => {
    const command = waitingCommand(3, {
      supersedeKey: 'key',
      priority: 7,
      isRedriven: true,
      mayBeRepeat: true,
      attempts: { started: 3, answered: 1, sent: true },
    });
    const waiting = add(command);
    expect(waiting.get(3)).toEqual({ ...command, supersededBy: undefined });
    expect(waiting.get(4)).toBeUndefined();
  });

  test('keeps a record without key, value and headers, and a command that never ends', () => {
    const bare = waitingCommand(1);
    const record = { ...bare.record, key: null, value: null, headers: [] };
    const waiting = add({ ...bare, record, deadlineMs: Number.POSITIVE_INFINITY });
    expect(waiting.get(1)).toMatchObject({ record, deadlineMs: Number.POSITIVE_INFINITY });
  });

  test('keeps partitions apart', () => {
    const one = add(waitingCommand(1));
    const other = store.of(1);
    expect([other.count(), other.has('d1'), other.firstPin()]).toEqual([0, false, undefined]);
    other.clear();
    expect(one.count()).toBe(1);
  });

  test('gives the commands of a device by priority and offset, window by window', () => {
    const waiting = add(
      waitingCommand(1),
      waitingCommand(2, { priority: 5 }),
      waitingCommand(4, { priority: -1 }),
      waitingCommand(3, { priority: 5 }),
      waitingCommand(5, { deviceId: 'd2' }),
    );
    const first = waiting.next('d1', undefined, 3);
    expect(offsetsOf(first)).toEqual([2, 3, 1]);
    expect(offsetsOf(waiting.next('d1', { priority: 0, offset: 1 }, 3))).toEqual([4]);
    expect(waiting.next('unknown', undefined, 3)).toEqual([]);
  });

  test('takes a command that was written anew for the same one', () => {
    const waiting = store.of(0);
    expect(waiting.add(waitingCommand(1))).toBe(true);
    waiting.keepAttempts(1, { started: 5, answered: 2, sent: true });
    const anew = waitingCommand(1, {
      changelogOffset: 300,
      attempts: { started: 4, answered: 1, sent: true },
      mayBeRepeat: true,
    });
    expect(waiting.add(anew)).toBe(false);
    expect([waiting.count(), waiting.firstPin()]).toEqual([1, 300]);
    expect(waiting.get(1)).toMatchObject({
      attempts: { started: 5, answered: 2, sent: true },
      mayBeRepeat: true,
    });
  });

  test('an ended command is in no answer, and pins the changelog until it is removed', () => {
    const waiting = add(waitingCommand(1), waitingCommand(2));
    waiting.end(1);
    waiting.end(1);
    expect(waiting.count()).toBe(1);
    expect(offsetsOf(waiting.next('d1', undefined, 9))).toEqual([2]);
    expect(offsetsOf(waiting.overdue(10_000, 9))).toEqual([2]);
    expect(offsetsOf(waiting.writtenBetween(0, 200, 9))).toEqual([2]);
    expect([waiting.get(1), waiting.find({ deviceId: 'd1', requestId: 'r1' })]).toEqual([
      undefined,
      undefined,
    ]);
    expect(waiting.firstPin()).toBe(101);
    waiting.remove(1);
    expect([waiting.firstPin(), waiting.count()]).toEqual([102, 1]);
    waiting.remove(2);
    expect([waiting.firstPin(), waiting.count(), waiting.has('d1')]).toEqual([undefined, 0, false]);
  });

  test('finds a command by its device and request id, the oldest of several', () => {
    const waiting = add(
      waitingCommand(2, { requestId: 'same' }),
      waitingCommand(1, { requestId: 'same' }),
      waitingCommand(0, { requestId: 'same', deviceId: 'd2' }),
    );
    expect(waiting.find({ deviceId: 'd1', requestId: 'same' })?.record.offset).toBe(1);
    expect(waiting.find({ deviceId: 'd3', requestId: 'same' })).toBeUndefined();
  });

  test('tells that a command may have an earlier one in another channel of its device', () => {
    const waiting = add(
      waitingCommand(1, { channel: 'd1\nother', requestId: 'same' }),
      waitingCommand(2, { requestId: 'same' }),
      waitingCommand(3, { deviceId: 'd2', channel: 'd2' }),
    );
    expect(waiting.next('d1', undefined, 9)).toMatchObject([{ mayHaveEarlier: true }]);
    expect(waiting.next('d2', undefined, 9)).toMatchObject([{ mayHaveEarlier: false }]);
    expect(waiting.offsetOf({ deviceId: 'd1', requestId: 'same' })).toBe(1);
  });

  test('keeps the key of a record, the id of the device and any other', () => {
    const { record, ...command } = waitingCommand(1);
    const keys = [Buffer.from('d1'), Buffer.from('d2'), Buffer.from([0xff]), Buffer.alloc(0), null];
    const waiting = add(...keys.map((key, offset) => ({ ...command, record: { ...record, offset, key } })));
    expect(keys.map((_, offset) => waiting.get(offset)?.record.key)).toEqual(keys);
  });

  test('tells commands apart whose request ids have the same hash', () => {
    // Of so many in one device, about fifteen pairs share a hash.
    const commands = Array.from({ length: 16_000 }, (_, offset) => waitingCommand(offset));
    const waiting = add(...commands);
    const found = commands.map(({ requestId }) => waiting.offsetOf({ deviceId: 'd1', requestId }));
    expect(found).toEqual(commands.map(({ record }) => record.offset));
  });

  test('tells commands whose attempts the changelog does not know', () => {
    const waiting = add(waitingCommand(1), waitingCommand(2), waitingCommand(3));
    waiting.keepAttempts(1, { started: 1, answered: 0, sent: true });
    waiting.keepAttempts(3, { started: 2, answered: 1, sent: true });
    expect(offsetsOf(waiting.attempted(-1, 9))).toEqual([1, 3]);
    expect(offsetsOf(waiting.attempted(1, 9))).toEqual([3]);
    waiting.add(
      waitingCommand(3, { changelogOffset: 200, attempts: { started: 2, answered: 1, sent: true } }),
    );
    expect(offsetsOf(waiting.attempted(-1, 9))).toEqual([1]);
  });

  test('tells what is at its deadline', () => {
    const waiting = add(
      waitingCommand(1, { deadlineMs: 30 }),
      waitingCommand(2, { deadlineMs: 10 }),
      waitingCommand(3, { deadlineMs: 20 }),
    );
    expect(waiting.nextDeadlineMs()).toBe(10);
    expect(offsetsOf(waiting.overdue(20, 9))).toEqual([2, 3]);
    expect(offsetsOf(waiting.overdue(30, 2))).toEqual([2, 3]);
    expect(store.of(1).nextDeadlineMs()).toBeUndefined();
  });

  describe('devices', () => {
    test('are due at once, and no more once they are taken', () => {
      const waiting = add(waitingCommand(1), waitingCommand(2, { deviceId: 'd2' }));
      expect(waiting.nextDueMs()).toBeLessThan(0);
      expect(waiting.takeDue(5, 1)).toEqual(['d1']);
      expect(waiting.takeDue(5, 9)).toEqual(['d2']);
      expect([waiting.takeDue(5, 9), waiting.nextDueMs()]).toEqual([[], undefined]);
    });

    test('are due when it was said, the earliest first', () => {
      const waiting = add(waitingCommand(1), waitingCommand(2, { deviceId: 'd2' }));
      expect([waiting.setDue('d1', 20), waiting.setDue('d2', 10)]).toEqual([true, true]);
      expect(waiting.setDue('d3', 10)).toBe(false);
      expect(waiting.takeDue(9, 9)).toEqual([]);
      expect(waiting.takeDue(20, 9)).toEqual(['d2', 'd1']);
    });

    test('that are due at once come before all others, those that wait longest first', () => {
      const waiting = store.of(0);
      for (const [offset, deviceId] of ['d1', 'd2', 'd3', 'd4'].entries()) {
        waiting.add(waitingCommand(offset, { deviceId, sinceMs: 5_000 - offset }));
      }
      for (const deviceId of ['d1', 'd2', 'd3']) waiting.setDue(deviceId, 1);
      expect([waiting.setDueNow('d1'), waiting.setDueNow('d2'), waiting.setDueNow('d5')]).toEqual([
        true,
        true,
        false,
      ]);
      expect(waiting.takeDue(5, 9)).toEqual(['d4', 'd2', 'd1', 'd3']);
    });

    test('that are due at no time are due again when all such are called', () => {
      const waiting = store.of(0);
      waiting.add(waitingCommand(1));
      waiting.setDue('d1', Number.POSITIVE_INFINITY);
      expect(waiting.takeDue(Number.MAX_SAFE_INTEGER, 9)).toEqual([]);
      waiting.callUndue();
      expect(waiting.takeDue(5, 9)).toEqual(['d1']);
    });

    test('that wait for their time are not due before it for another command', () => {
      const waiting = add(waitingCommand(1));
      waiting.setDue('d1', 20);
      waiting.add(waitingCommand(2));
      waiting.ensureDue('d1');
      expect(waiting.nextDueMs()).toBe(20);
      waiting.takeDue(20, 9);
      waiting.ensureDue('d1');
      expect(waiting.nextDueMs()).toBeLessThan(0);
    });

    test('without commands are forgotten', () => {
      const waiting = add(waitingCommand(1));
      waiting.remove(1);
      expect([waiting.nextDueMs(), waiting.setDue('d1', 1)]).toEqual([undefined, false]);
    });
  });

  describe('of two commands with one supersede key', () => {
    const key = { supersedeKey: 'key' };

    test('the later one replaces the earlier one, in whatever order they are read', () => {
      const waiting = add(waitingCommand(5, key), waitingCommand(9, { supersedeKey: 'other' }));
      expect(waiting.supersede(5)).toBeUndefined();
      waiting.add(waitingCommand(7, key));
      expect(waiting.supersede(7)).toBe(5);
      waiting.add(waitingCommand(3, key));
      expect(waiting.supersede(3)).toBe(3);
      expect([3, 5, 7, 9].map((offset) => waiting.get(offset)?.supersededBy)).toEqual([
        'r5',
        'r7',
        undefined,
        undefined,
      ]);
    });

    test('one that was sent again does not replace one that was issued after it', () => {
      const waiting = add(waitingCommand(5, key));
      waiting.supersede(5);
      waiting.add(waitingCommand(7, { ...key, isRedriven: true, issuedAtMs: 1 }));
      expect(waiting.supersede(7)).toBe(7);
      expect([waiting.get(5)?.supersededBy, waiting.get(7)?.supersededBy]).toEqual([undefined, 'r5']);
    });

    test('of different devices neither does', () => {
      const waiting = add(waitingCommand(5, key), waitingCommand(7, { ...key, deviceId: 'd2' }));
      expect(waiting.supersede(7)).toBeUndefined();
    });
  });

  test('tells the places of commands from an offset on', () => {
    const waiting = add(waitingCommand(1), waitingCommand(9), waitingCommand(4));
    expect(waiting.sourcesFrom(4)).toEqual([
      { offset: 4, timestampMs: 1_004 },
      { offset: 9, timestampMs: 1_009 },
    ]);
  });

  test('is emptied', () => {
    const waiting = add(waitingCommand(1));
    waiting.clear();
    expect([waiting.count(), waiting.firstPin(), waiting.nextDueMs()]).toEqual([0, undefined, undefined]);
  });
});
