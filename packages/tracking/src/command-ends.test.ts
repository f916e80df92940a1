import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CommandInput } from '@preservarium/core';
import { expect, test } from 'vitest';
import { command, createWorld } from '../test/world.js';
import { assertAwaitable } from './assert-awaitable.js';

test.each([undefined, 'gateway', 'device'] as const)(
  'a wait for the result of an HTTP command that requires %s is refused, and nothing is pushed',
  async (requiredEvidence) => {
    const { tracker, service, broker } = await createWorld();
    const input = command({ protocol: 'http', requiredEvidence });
    await expect(tracker.pushAndWait(service, input, { until: 'succeeded' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringContaining('wait for delivered, or set requiredEvidence to executed'),
    });
    expect(broker.records('device_commands')).toEqual([]);
  },
);

test.each<Partial<CommandInput>>([
  { protocol: 'http', requiredEvidence: 'executed' },
  { protocol: 'mqtt' },
  { protocol: 'coap' },
  { protocol: 'lorawan' as 'http' },
])('a wait for a result that may come is not refused: %j', (given) => {
  expect(() => assertAwaitable(command(given), 'succeeded')).not.toThrow();
});

test('the evidence of the type of the command counts where the command names none', () => {
  const http = command({ protocol: 'http' });
  expect(() => assertAwaitable(http, 'succeeded', 'executed')).not.toThrow();
  expect(() => assertAwaitable({ ...http, requiredEvidence: 'device' }, 'succeeded', 'executed')).toThrow();
});

test('docs/states.md has the table that is generated from the code', () => {
  const script = fileURLToPath(new URL('../../../scripts/generate-states.mjs', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect({ status, stdout }).toMatchObject({ status: 0 });
});
