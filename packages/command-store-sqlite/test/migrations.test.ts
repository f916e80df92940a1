import { expect, test } from 'vitest';
import { createHarness } from './store-harness.js';

const { createPlace, execute, explain } = createHarness();

test('tables of a newer version are refused, and left as they are', async () => {
  const open = await createPlace();
  await (await open()).close();
  await execute('UPDATE pusher_command_store_version SET version = 1000');
  for (const _ of [1, 2]) {
    await expect(open()).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('version 1000'),
    });
  }
});

test.each([
  ['of a device', "device_id = 'd1' ORDER BY state_at_ms DESC, request_id DESC LIMIT 10", 'by_device'],
  ['in a state', "state = 'waiting' ORDER BY state_at_ms DESC, request_id DESC LIMIT 10", 'by_state'],
  ['since a time', "state IN ('failed', 'dead') AND state_at_ms >= 5", 'by_state'],
  ['of all', 'state_at_ms < 5 ORDER BY state_at_ms DESC, request_id DESC LIMIT 10', 'by_time'],
  ['to be pruned', 'at_rest = 1 AND state_at_ms < 5 ORDER BY state_at_ms LIMIT 10', 'by_rest'],
])('commands %s are found by an index', async (_, where, index) => {
  const open = await createPlace();
  await (await open()).close();
  expect(await explain(`SELECT * FROM pusher_commands WHERE ${where}`)).toContain(`pusher_commands_${index}`);
});
