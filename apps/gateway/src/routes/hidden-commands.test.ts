import { createPolicy } from '@preservarium/access';
import { expect, test } from 'vitest';
import { command, createWorld } from '../../test/world.js';
import { createAuthorizer } from '../auth/authorize.js';

const policy = createPolicy({
  rules: [
    { name: 'root', subjects: [{ key: 'root' }], actions: ['push', 'read', 'cancel'] },
    {
      name: 'guest',
      subjects: [{ key: 'guest' }],
      devices: { prefixes: ['l'] },
      actions: ['push', 'read'],
    },
    { name: 'writer', subjects: [{ key: 'writer' }], actions: ['push'] },
  ],
});

async function createSharedWorld() {
  const world = await createWorld({
    parts: {
      authorizer: createAuthorizer(policy),
      authenticate: async ({ apiKey }) => ({ id: `key:${apiKey}`, keyId: apiKey }),
    },
  });
  const ask = (key: string, method: 'GET' | 'POST', url: string, payload?: object) =>
    world.ask(method, url, { headers: { 'x-api-key': key }, ...(payload && { payload }) });
  const push = (key: string, deviceId: string, requestId: string) =>
    ask(key, 'POST', '/v1/commands', { ...command, device_id: deviceId, request_id: requestId });
  return { ask, push };
}

test('a command that a caller may not read is answered as one that does not exist', async () => {
  const { ask, push } = await createSharedWorld();
  await push('root', 'secret-pump', 'r1');
  for (const [method, url] of [
    ['GET', '/v1/commands/r1'],
    ['GET', '/v1/commands/r1?device=secret-pump'],
    ['POST', '/v1/commands/r1:cancel'],
    ['GET', '/api/v1/commands/r1/status'],
  ] as const) {
    const hidden = await ask('guest', method, url);
    const absent = await ask('guest', method, url.replace('r1', 'r2'));
    expect(hidden.status).toBe(404);
    expect(JSON.stringify(hidden.body).replaceAll('r1', 'r2')).toBe(JSON.stringify(absent.body));
  }
});

test('a caller is not told of commands of other devices with the same request id', async () => {
  const { ask, push } = await createSharedWorld();
  await push('root', 'a', 'r1');
  await push('root', 'b', 'r1');
  await push('guest', 'lamp', 'r1');
  await expect.poll(async () => (await ask('root', 'GET', '/v1/commands/r1')).status).toBe(409);
  expect(await ask('guest', 'GET', '/v1/commands/r1')).toMatchObject({
    status: 200,
    body: { device_id: 'lamp' },
  });
});

test('pages say nothing of commands that the caller may not read, and lead to all others', async () => {
  const { ask, push } = await createSharedWorld();
  for (let index = 0; index < 10; index++) await push('root', `secret-${index}`, `hidden-${index}`);
  await push('guest', 'lamp', 'seen');
  for (let index = 10; index < 20; index++) await push('root', `secret-${index}`, `hidden-${index}`);
  await push('guest', 'lamp', 'seen too');
  const all = async () => (await ask('root', 'GET', '/v1/commands')).body.commands;
  await expect.poll(async () => (await all()).length).toBe(22);

  const seen: string[] = [];
  let [cursor, pages] = ['', 0];
  do {
    const { body } = await ask('guest', 'GET', `/v1/commands?limit=1${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.commands.map(({ request_id }: { request_id: string }) => request_id));
    cursor = body.cursor ?? '';
    expect(Buffer.from(cursor, 'base64url').toString()).not.toMatch(/hidden|secret/);
    pages += 1;
  } while (cursor !== '');
  expect(seen).toEqual(['seen too', 'seen']);
  expect(pages).toBeLessThanOrEqual(3);
});

test('a page of devices names no device that the caller may not read', async () => {
  const { ask, push } = await createSharedWorld();
  const hidden = Array.from({ length: 12 }, (_, index) => `a-secret-${index}`);
  for (const id of [...hidden, 'lamp-1', 'm-secret', 'lamp-2', 'z-secret']) await push('root', id, 'r1');
  const listed = async () => (await ask('root', 'GET', '/v1/devices')).body.devices.length;
  await expect.poll(listed).toBe(16);
  const first = await ask('guest', 'GET', '/v1/devices?limit=1');
  expect(first.body).toMatchObject({ devices: [{ device_id: 'lamp-1' }], cursor: 'lamp-1' });
  const second = await ask('guest', 'GET', '/v1/devices?limit=1&cursor=lamp-1');
  expect(second.body).toMatchObject({ devices: [{ device_id: 'lamp-2' }], cursor: 'lamp-2' });
  expect((await ask('guest', 'GET', '/v1/devices?limit=1&cursor=lamp-2')).body).toEqual({ devices: [] });
});

test('the status of the original API has no words of the requests of others', async () => {
  const { ask } = await createSharedWorld();
  await ask('guest', 'POST', '/api/v1/commands', { ...command, device_id: 'secret-pump' });
  const { body } = await ask('writer', 'GET', '/api/v1/status');
  expect(body.metrics).toMatchObject({ commands_failed_total: 1, last_error: 'FORBIDDEN' });
});
