import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { command, createWorld } from '../../test/world.js';

const asKey = { authenticate: async ({ apiKey = '' }) => ({ id: `key:${apiKey}`, keyId: apiKey }) };

test('without authentication, a request that a page sends by a name of its own is refused', async () => {
  const { ask, commands } = await createWorld();
  const push = (host: string) => ask('POST', '/v1/commands', { payload: command, headers: { host } });
  for (const host of ['attacker.example', 'attacker.example:8000', '127.0.0.1.attacker.example']) {
    expect(await push(host)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  }
  expect(commands()).toEqual([]);
  for (const host of ['localhost:8000', '127.0.0.1', '127.1.2.3:80', '[::1]:8000']) {
    expect(await push(host)).toMatchObject({ status: 202 });
  }
});

test('with authentication, any name is good', async () => {
  const { ask } = await createWorld({ parts: asKey });
  expect(await ask('GET', '/v1/commands', { headers: { host: 'api.example' } })).toMatchObject({
    status: 200,
  });
});

test('each command of a batch counts as a request', async () => {
  const { ask, commands } = await createWorld({ parts: asKey, limits: { requestsPerSecond: 10 } });
  const batch = (key: string, length: number) =>
    ask('POST', '/api/v1/commands/batch', {
      headers: { 'x-api-key': key },
      payload: { commands: Array(length).fill(command) },
    });
  expect(await batch('a', 11)).toMatchObject({ status: 429, body: { type: 'rate_limited' } });
  expect(commands()).toEqual([]);
  expect((await batch('b', 9)).status).toBe(200);
  expect((await batch('b', 5)).status).toBe(429);
  expect(commands()).toHaveLength(9);
});

test('a caller has so many requests open at the most, and others have their own', async () => {
  const { app } = await createWorld({ parts: asKey, limits: { openRequests: 3 } });
  const url = await app.listen({ port: 0 });
  const ask = async (key: string, path: string) => {
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const { status, headers } = await fetch(`${url}${path}`, {
      headers: { 'x-api-key': key },
      signal: controller.signal,
    });
    return { status, retryAfter: headers.get('retry-after'), leave: () => controller.abort() };
  };
  const streams = await Promise.all([1, 2, 3].map(() => ask('a', '/v1/events')));
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await ask('a', '/v1/events')).toMatchObject({ status: 429, retryAfter: '1' });
  expect((await ask('a', '/v1/commands')).status).toBe(429);
  expect((await ask('b', '/v1/events')).status).toBe(200);
  streams[0]?.leave();
  await expect.poll(async () => (await ask('a', '/v1/commands')).status).toBe(200);
});

test('failures for one reason are logged once a minute', async () => {
  const logged: object[] = [];
  const log = (fields: object) => logged.push(fields);
  const failing = async () => {
    throw new Error('broken');
  };
  const { ask } = await createWorld({
    parts: {
      logger: { debug() {}, info() {}, warn: log, error: log },
      finder: { find: failing },
    },
  });
  for (let count = 0; count < 100; count++) {
    expect(await ask('GET', `/v1/commands/${count}`)).toMatchObject({
      status: 500,
      body: { code: 'UNEXPECTED' },
    });
  }
  expect(logged).toHaveLength(1);
});

test('a request whose head ends after the gateway began to stop is refused with a problem', async () => {
  const { app, stopping } = await createWorld();
  const accepted = once(app.server, 'connection');
  const { port } = new URL(await app.listen({ port: 0 }));
  const late = connect(Number(port), '127.0.0.1');
  onTestFinished(() => void late.destroy());
  late.write('GET /v1/commands HTTP/1.1\r\nhost: localhost\r\n');
  const [socket] = await accepted;
  await expect.poll(() => socket.bytesRead).toBeGreaterThan(0);
  stopping.abort();
  const closed = app.close();
  late.write('\r\n');
  expect(await text(late)).toMatch(/^HTTP\/1\.1 503 .*\r\nretry-after: 5\r\n.*"code":"CLOSED"/s);
  await closed;
});

test('a gateway that stops is not ready', async () => {
  const { ask, stopping } = await createWorld();
  expect(await ask('GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
  stopping.abort();
  expect(await ask('GET', '/readyz')).toMatchObject({ status: 503, body: { ready: false, stopping: true } });
});
