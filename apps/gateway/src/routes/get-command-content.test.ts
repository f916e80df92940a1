import { createPolicy } from '@preservarium/access';
import { expect, test } from 'vitest';
import { command, createWorld, event } from '../../test/world.js';
import { createAuthorizer } from '../auth/authorize.js';

test('the content of a command is the record in Kafka, byte for byte', async () => {
  const { app, ask } = await createWorld();
  const payload =
    '{"device_id":"d1","command_type":"t","protocol":"mqtt","payload":{"rate":1.50,"id":12345678901234567890}}';
  for (const request_id of ['r0', 'r1', 'r2']) {
    await ask('POST', '/v1/commands', { payload: { ...command, request_id, device_id: 'd2' } });
  }
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'r1' };
  await ask('POST', '/v1/commands', { payload, headers });
  await expect.poll(async () => (await ask('GET', '/v1/commands/r1?device=d1')).body.state).toBe('published');
  const found = await app.inject('/v1/commands/r1/content?device=d1');
  expect(found.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(found.payload).toContain('"payload":{"rate":1.50,"id":12345678901234567890}');
});

test('a command whose record is gone, or that the caller may not read, has no content', async () => {
  const rules = [{ name: 'one', subjects: [{ key: '*' }], actions: ['read'], devices: { ids: ['d1'] } }];
  const authorizer = createAuthorizer(createPolicy({ rules }));
  const { ask, write } = await createWorld({ parts: { authorizer } });
  await write(event('dispatched'), event('dispatched', { deviceId: 'd2', requestId: 'r2' }));
  await expect.poll(async () => (await ask('GET', '/v1/commands/r1')).status).toBe(200);
  for (const id of ['r1', 'r2', 'unknown']) {
    expect(await ask('GET', `/v1/commands/${id}/content`)).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  }
});
