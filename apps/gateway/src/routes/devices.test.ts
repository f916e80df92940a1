import { expect, test } from 'vitest';
import { command, createWorld, event } from '../../test/world.js';

const directory = Object.assign((id: string) => (id === 'typed' ? 'lamp' : undefined), {
  deviceIds: () => ['typed'],
});

test('a device has its type, its newest sign, what waits and its last outcomes', async () => {
  const { ask, write, settings } = await createWorld({ parts: { directory } });
  expect(await ask('GET', '/v1/devices/d1')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  for (const id of ['r1', 'r2', 'r3']) {
    await ask('POST', '/v1/commands', { payload: { ...command, request_id: id } });
  }
  await expect.poll(async () => (await ask('GET', '/v1/devices/d1')).body.commands).toEqual({ published: 3 });
  expect((await ask('GET', '/v1/devices/d1')).body).toMatchObject({
    type: null,
    presence: null,
    waiting: 3,
    settings: null,
  });
  const at = new Date('2026-01-02T03:04:05.000Z');
  await write(
    event('waiting', { requestId: 'r2' }),
    event('dispatched'),
    event('succeeded', { evidence: 'executed', timestamp: at }),
    event('failed', { requestId: 'r3', evidence: 'gateway', reason: 'no such light' }),
  );
  await expect
    .poll(async () => (await ask('GET', '/v1/devices/d1')).body.commands)
    .toMatchObject({ failed: 1 });
  expect((await ask('GET', '/v1/devices/d1')).body).toMatchObject({
    presence: { seen_at: at.toISOString(), by: 'answer' },
    waiting: 1,
    commands: { waiting: 1, succeeded: 1, failed: 1 },
    last_outcomes: expect.arrayContaining([
      expect.objectContaining({ request_id: 'r1', state: 'succeeded', evidence: 'executed' }),
      expect.objectContaining({ request_id: 'r3', state: 'failed', reason: 'no such light' }),
    ]),
  });
  await settings.pushSettings('d1', { rate: 1 });
  await settings.reportSettings('d1', { rate: 1 });
  expect((await ask('GET', '/v1/devices/d1')).body).toMatchObject({
    presence: { by: 'settings' },
    settings: { in_sync: true },
  });
  expect((await ask('GET', '/v1/devices/typed')).body).toMatchObject({
    type: 'lamp',
    presence: null,
    commands: {},
  });
});

test('devices with commands, settings or a type are listed by pages', async () => {
  const { ask, settings } = await createWorld({ parts: { directory } });
  for (const id of ['c1', 'c2'])
    await ask('POST', '/v1/commands', { payload: { ...command, device_id: id } });
  await settings.pushSettings('b1', { rate: 1 });
  const list = async (query: string) => {
    const { body } = await ask('GET', `/v1/devices?${query}`);
    return [body.devices.map(({ device_id }: { device_id: string }) => device_id), body.cursor];
  };
  await expect.poll(() => list('')).toEqual([['b1', 'c1', 'c2', 'typed'], undefined]);
  expect(await list('limit=2')).toEqual([['b1', 'c1'], 'c1']);
  expect(await list('limit=2&cursor=c1')).toEqual([['c2', 'typed'], undefined]);
  expect(await list('prefix=c')).toEqual([['c1', 'c2'], undefined]);
});
