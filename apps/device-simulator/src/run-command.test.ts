import { expect, test } from 'vitest';
import type { ArrivedCommand } from './device.js';
import { runCommand } from './run-command.js';

const command: ArrivedCommand = {
  protocol: 'mqtt',
  deviceId: 'lamp',
  target: 'devices/lamp/commands',
  payload: {},
  mayBeRepeat: false,
};
const execute = async () => ({ status: 'succeeded' }) as const;
const { signal } = new AbortController();

test('an expired command is refused and not executed', async () => {
  const expired = { ...command, expiresAt: new Date(0) };
  expect(await runCommand(execute, expired, signal)).toEqual({
    status: 'rejected',
    reason: 'expired at 1970-01-01T00:00:00.000Z',
  });
});

test.each([undefined, new Date(8_640_000_000_000_000)])(
  'one that expires at %s is executed',
  async (expiresAt) => {
    const valid = expiresAt === undefined ? command : { ...command, expiresAt };
    expect(await runCommand(execute, valid, signal)).toEqual({ status: 'succeeded' });
  },
);
