import { expect, test } from 'vitest';
import { createBehaviour } from './behaviour.js';

const command = {
  protocol: 'http',
  deviceId: 'lamp',
  target: '/',
  payload: { on: true },
  mayBeRepeat: false,
} as const;
const { signal } = new AbortController();

test('the share of executions that is asked for fails', async () => {
  const draws = [0.05, 0.1, 0.5];
  const execute = createBehaviour({ failShare: 0.1, answerAfterMs: 0, random: () => draws.shift() ?? 1 });
  expect(await execute(command, signal)).toEqual({ status: 'failed', reason: 'simulated failure' });
  expect(await execute(command, signal)).toEqual({ status: 'succeeded', result: { applied: { on: true } } });
  expect(await execute(command, signal)).toMatchObject({ status: 'succeeded' });
});

test('a device that goes away executes no further', async () => {
  const execute = createBehaviour({ failShare: 0, answerAfterMs: 3_600_000 });
  const leaving = new AbortController();
  const executing = execute(command, leaving.signal);
  leaving.abort();
  await expect(executing).rejects.toThrow('aborted');
});
