import { expect, test } from 'vitest';
import { createBoard } from './board.js';
import type { DemoPush, ExpectedEnd } from './demo-push.js';

function pushOf(name: string, ends?: ExpectedEnd, requestId?: string): DemoPush {
  return {
    name,
    deviceId: `device of ${name}`,
    ...(requestId !== undefined && { requestId }),
    ...(ends !== undefined && { ends }),
    push: async () => ({ topic: 'commands' }),
  };
}

const lock = pushOf('lock', { state: 'delivered', evidence: 'device' }, 'r1');
const poison = pushOf('poison', { state: 'dead' });
const settings = pushOf('settings', undefined, 'r2');

function boardOf(...pushes: readonly DemoPush[]) {
  const changes: string[] = [];
  const board = createBoard(
    pushes.map((push) => ({ push, pushedWith: 'kafkajs' })),
    ({ push, steps }) => changes.push(`${push.name} ${steps.at(-1)?.state}`),
  );
  return { board, changes };
}

const event = (requestId: string, state: 'dispatched' | 'waiting' | 'dead', deviceId = 'someone') => ({
  requestId,
  deviceId,
  state,
  timestamp: new Date(),
});

test('an event goes to the command that it is about, by its request id or, without one, by its device', () => {
  const { board, changes } = boardOf(lock, poison);
  board.published(lock);
  expect(board.take(event('r1', 'dispatched'))).toBe(true);
  expect(board.take(event('commands-1-2', 'dead', 'device of poison'))).toBe(true);
  expect(board.take(event('unknown', 'dispatched'))).toBe(false);
  expect(changes).toEqual(['lock published', 'lock dispatched', 'poison dead']);
});

test('what has no lifecycle is not on the board', () => {
  const { board } = boardOf(settings, lock);
  board.published(settings);
  expect(board.rows().map(({ push }) => push)).toEqual([lock]);
});

test('reached waits for the state, and for the end of what will never be in it', async () => {
  const { board } = boardOf(lock, poison);
  const waiting = board.reached([lock, poison], 'waiting');
  const first = await Promise.race([waiting.then(() => 'reached'), Promise.resolve('not yet')]);
  expect(first).toBe('not yet');
  board.take(event('r1', 'waiting'));
  board.take(event('x', 'dead', 'device of poison'));
  await waiting;
});

test('reached resolves at once where all have ended', async () => {
  const { board } = boardOf(poison);
  board.take(event('x', 'dead', 'device of poison'));
  await board.reached([poison]);
});
