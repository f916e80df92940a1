import { encodeLifecycleEvent } from '@preservarium/core';
import { expect, test } from 'vitest';
import { migrations } from '../src/migrations.js';
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

test('a store that is open notices that its tables became newer, and changes nothing more', async () => {
  const open = await createPlace();
  await using store = await open();
  const event = { requestId: 'r1', deviceId: 'd1', state: 'dead', timestamp: new Date(5) } as const;
  await store.save([event]);
  await execute('UPDATE pusher_command_store_version SET version = 1000');
  await expect(store.save([{ ...event, requestId: 'r2' }])).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('version 1000'),
  });
  expect(await store.countByState()).toEqual({ dead: 1 });
});

test.each([
  [
    'of a device',
    "device_id = 'd1' ORDER BY state_at_ms DESC, request_id DESC, device_id DESC LIMIT 10",
    'by_device',
  ],
  ['of a request', "request_id = 'r1'", 'by_request'],
  [
    'in a state',
    "state = 'waiting' ORDER BY state_at_ms DESC, request_id DESC, device_id DESC LIMIT 10",
    'by_state',
  ],
  ['since a time', "state IN ('failed', 'dead') AND state_at_ms >= 5", 'by_state'],
  [
    'of all',
    "state <> 'unproven' AND state_at_ms < 5 ORDER BY state_at_ms DESC, request_id DESC, device_id DESC LIMIT 10",
    'by_time',
  ],
  ['to be pruned', 'at_rest = 1 AND state_at_ms < 5 ORDER BY state_at_ms LIMIT 10', 'by_rest'],
])('commands %s are found by an index', async (_, where, index) => {
  const open = await createPlace();
  await (await open()).close();
  expect(await explain(`SELECT * FROM pusher_commands WHERE ${where}`)).toContain(`pusher_commands_${index}`);
});

test('a store that took a request id for a command keeps its commands, and takes those of other devices', async () => {
  const open = await createPlace();
  const event = { requestId: 'r1', deviceId: 'd1', state: 'dead', timestamp: new Date(5) } as const;
  for (const statement of migrations[0] ?? []) await execute(statement);
  await execute('CREATE TABLE pusher_command_store_version (version integer NOT NULL)');
  await execute('INSERT INTO pusher_command_store_version (version) VALUES (1)');
  await execute(
    `INSERT INTO pusher_commands (request_id, device_id, state, at_rest, state_at_ms, events)
     VALUES ('r1', 'd1', 'dead', 1, 5, '[${encodeLifecycleEvent(event)}]')`,
  );
  await using store = await open();
  await store.save([{ ...event, deviceId: 'd2' }]);
  const { lifecycles } = await store.list({ limit: 10, requestId: 'r1' });
  expect(lifecycles.map(({ deviceId }) => deviceId)).toEqual(['d2', 'd1']);
});
