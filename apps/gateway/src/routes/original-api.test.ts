import { expect, test } from 'vitest';
import { command, createWorld } from '../../test/world.js';

test('a command is pushed, and its status is found by its id', async () => {
  const { ask, commands } = await createWorld();
  const pushed = await ask('POST', '/api/v1/commands', { payload: command });
  expect(pushed).toMatchObject({
    status: 200,
    body: {
      success: true,
      request_id: expect.any(String),
      message: expect.any(String),
      timestamp: expect.any(String),
    },
  });
  expect(commands()).toMatchObject([{ request_id: pushed.body.request_id }]);
  const status = await ask('GET', `/api/v1/commands/${pushed.body.request_id}/status`);
  expect(status).toMatchObject({ status: 200, body: { status: 'published', device_id: 'd1' } });
});

test('a batch counts what was refused', async () => {
  const { ask } = await createWorld();
  const commands = [command, { ...command, qos: 7, request_id: 'wrong' }, command];
  expect(await ask('POST', '/api/v1/commands/batch', { payload: { commands } })).toMatchObject({
    status: 200,
    body: {
      total_commands: 3,
      successful: 2,
      failed: 1,
      results: [{ success: true }, { success: false, request_id: 'wrong' }, { success: true }],
    },
  });
});

test.each([
  ['a wrong command', '/api/v1/commands', { device_id: 'd1' }],
  ['no JSON', '/api/v1/commands', '{'],
  ['no batch', '/api/v1/commands/batch', { commands: 'all' }],
])('%s is refused as 400', async (_, url, payload) => {
  const { ask } = await createWorld();
  const headers = { 'content-type': 'application/json' };
  expect(await ask('POST', url, { payload, headers })).toMatchObject({
    status: 400,
    body: { error: expect.any(String), type: 'validation_error' },
  });
});

test('health and status', async () => {
  const { ask } = await createWorld();
  for (const path of ['/health', '/api/v1/health']) {
    expect(await ask('GET', path)).toMatchObject({ status: 200, body: { status: 'healthy' } });
  }
  await ask('POST', '/api/v1/commands', { payload: command });
  await ask('POST', '/api/v1/commands', { payload: {} });
  expect((await ask('GET', '/api/v1/status')).body).toMatchObject({
    kafka_connected: true,
    metrics: {
      commands_sent_total: 1,
      commands_failed_total: 1,
      last_error: 'VALIDATION_FAILED',
    },
  });
});

test('a browser of an allowed origin may ask, and no other', async () => {
  const { ask } = await createWorld({ limits: { origins: ['https://app.example'] } });
  const preflight = (origin: string) =>
    ask('OPTIONS', '/v1/commands', { headers: { origin, 'access-control-request-method': 'POST' } });
  expect(await preflight('https://app.example')).toMatchObject({
    status: 204,
    headers: { 'access-control-allow-origin': 'https://app.example' },
  });
  expect((await preflight('https://other.example')).headers['access-control-allow-origin']).toBeUndefined();
});
