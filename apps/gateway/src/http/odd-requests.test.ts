import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { InjectOptions } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { command, createWorld, event } from '../../test/world.js';

const settingsPath = '/v1/devices/d1/settings';

/** Answers bytes on a connection of their own. */
async function sendTo({ app }: Awaited<ReturnType<typeof createWorld>>) {
  const { port } = new URL(await app.listen({ port: 0 }));
  return async (bytes: string): Promise<{ status: number; type: string | undefined; body: unknown }> => {
    const socket = connect(Number(port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {}).write(bytes);
    const answer = await text(socket);
    const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
    return {
      status: Number(head.split(' ')[1]),
      type: /^content-type: (.*)$/im.exec(head)?.[1],
      body: JSON.parse(body),
    };
  };
}

test.each<[string, InjectOptions, number]>([
  ['text', { payload: '{}', headers: { 'content-type': 'text/plain' } }, 415],
  ['no type', { payload: '{}', headers: {} }, 415],
  [
    'a compressed body',
    { payload: 'x', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } },
    415,
  ],
  [
    'bytes that are not UTF-8',
    {
      payload: Buffer.from(JSON.stringify({ ...command, device_id: 'ü' }), 'latin1'),
      headers: { 'content-type': 'application/json' },
    },
    400,
  ],
  ['no body', { headers: { 'content-type': 'application/json' } }, 400],
])('%s is refused with a problem that says why', async (_, options, status) => {
  const { ask, commands } = await createWorld();
  for (const url of ['/v1/commands', '/v1/commands:validate']) {
    const answer = await ask('POST', url, options);
    expect(answer).toMatchObject({
      status,
      body: { status, detail: expect.stringMatching(/body|must be an object/) },
    });
    expect(answer.headers['content-type']).toBe('application/problem+json');
  }
  expect(commands()).toEqual([]);
});

test('a request without a body may name the type of one', async () => {
  const { ask } = await createWorld();
  await ask('POST', '/v1/commands', { payload: { ...command, request_id: 'r1' } });
  const headers = { 'content-type': 'application/json' };
  expect(await ask('POST', '/v1/commands/r1:cancel', { headers, payload: '' })).toMatchObject({
    status: 202,
  });
});

test('a method that a path does not have is refused with 405 and the allowed ones', async () => {
  const { ask } = await createWorld();
  const cases = [
    ['DELETE', '/v1/commands', 'GET, HEAD, POST'],
    ['GET', '/v1/commands:batch', 'POST'],
    ['PUT', '/v1/commands/r1', 'GET, HEAD'],
    ['DELETE', settingsPath, 'GET, HEAD, PUT, PATCH'],
    ['OPTIONS', '/v1/devices', 'GET, HEAD'],
    ['HEAD', '/v1/events', 'GET'],
    ['OPTIONS', '/v1/commands/r1:cancel', 'POST'],
    ['DELETE', '/v1/dead-letters/0:1:redrive', 'POST'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['POST', '/api/v1/status', 'GET, HEAD'],
  ] as const;
  for (const [method, path, allow] of cases) {
    const { status, headers } = await ask(method, path);
    expect({ status, allow: headers.allow }, `${method} ${path}`).toEqual({ status: 405, allow });
  }
  expect((await ask('DELETE', '/v1/commands')).body).toMatchObject({
    code: 'METHOD_NOT_ALLOWED',
    status: 405,
  });
  expect(await ask('GET', '/v1/nothing')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
});

test('HEAD answers as GET, without a body', async () => {
  const { ask } = await createWorld();
  for (const path of ['/healthz', '/readyz', '/v1/commands', '/v1/devices']) {
    expect(await ask('HEAD', path), path).toMatchObject({ status: 200, body: undefined });
  }
  expect((await ask('HEAD', '/v1/commands/unknown')).status).toBe(404);
});

test.each([
  ['GET', '/v1/commands?devise=d1', 'devise', 'device, state'],
  ['GET', '/v1/dead-letters?sendagain=true', 'sendagain', 'sent_again'],
  ['POST', '/v1/dead-letters/0:0:redrive?dryrun=true', 'dryrun', 'it has dry_run'],
  ['POST', '/v1/commands?wiat=succeeded', 'wiat', 'it has wait, timeout'],
  ['GET', '/v1/device-types?x', 'x', 'it has none'],
  ['GET', `/v1/commands?${'n'.repeat(1_000)}=1`, 'n'.repeat(64), 'it has'],
] as const)(
  '%s %s: a parameter that the route does not have is refused',
  async (method, url, path, words) => {
    const { ask, commands } = await createWorld();
    expect(await ask(method, url, method === 'POST' ? { payload: command } : {})).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', issues: [{ path, message: expect.stringContaining(words) }] },
    });
    expect(commands()).toEqual([]);
  },
);

test('the API of the Python system takes any parameter', async () => {
  const { ask } = await createWorld();
  expect((await ask('POST', '/api/v1/commands?trace=1', { payload: command })).status).toBe(200);
});

test.each([
  '/v1/commands?device=a&device=b',
  '/v1/commands?limit=1&limit=x',
  '/v1/commands?limit=',
  '/v1/commands?limit=1e9',
  '/v1/commands?state=',
  '/v1/commands?since=yesterday',
  '/v1/commands?since=2026-02-30T00:00:00Z',
  '/v1/commands?cursor=',
  '/v1/commands?cursor=e30',
  '/v1/commands?cursor=WzFlMzAwLCJhIiwiYiJd',
  '/v1/dead-letters?cursor=0:1e9',
  '/v1/dead-letters?since=now',
  '/v1/devices?limit=0',
])('%s is refused with the place', async (url) => {
  const { ask } = await createWorld();
  const path = /\?(\w+)=/.exec(url)?.[1];
  expect(await ask('GET', url)).toMatchObject({
    status: 400,
    body: {
      code: 'VALIDATION_FAILED',
      issues: [{ path: expect.stringMatching(`^${path}`), message: expect.any(String) }],
    },
  });
});

test('the plus of a time may be encoded or not', async () => {
  const { ask, write } = await createWorld();
  await write(event('succeeded', { timestamp: new Date('2026-01-31T12:00:00Z') }));
  await write(event('dispatched', { timestamp: new Date('2026-01-31T11:00:00Z') }));
  const count = async (since: string) =>
    (await ask('GET', `/v1/commands?since=${since}`)).body.commands?.length;
  for (const plus of ['+', '%2B']) {
    await expect.poll(() => count(`2026-01-31T13:00:00${plus}01:00`)).toBe(1);
    expect(await count(`2026-01-31T13:00:01${plus}01:00`)).toBe(0);
  }
});

test('a name that is wrong has the name of the wire', async () => {
  const { ask } = await createWorld();
  const payload = { ...command, expires_at: '2020-01-01T00:00:00Z' };
  for (const url of ['/v1/commands', '/v1/commands:validate']) {
    expect(await ask('POST', url, { payload })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining(': expires_at: '), issues: [{ path: 'expires_at' }] },
    });
  }
});

test('a position of events that is not valid has the name of its header', async () => {
  const { ask } = await createWorld();
  for (const id of ['x', '1;0:1;', '-1;', '1;0:-1', '1,0:1', '9'.repeat(16), '']) {
    expect(await ask('GET', '/v1/events', { headers: { 'last-event-id': id } }), id).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', issues: [{ path: 'Last-Event-ID' }] },
    });
  }
});

test('keys of requests may be of any alphabet, and have a length', async () => {
  const { ask, commands } = await createWorld();
  const push = (key: string, payload: object = command) =>
    ask('POST', '/v1/commands', {
      headers: { 'idempotency-key': Buffer.from(key).toString('latin1') },
      payload,
    });
  expect(await push('clé-日本')).toMatchObject({ status: 202, body: { request_id: 'clé-日本' } });
  expect(await push('clé-日本', { ...command, request_id: 'clé-日本' })).toMatchObject({ status: 409 });
  for (const key of ['', 'x'.repeat(257)]) {
    expect(await push(key)).toMatchObject({ status: 400, body: { issues: [{ path: 'Idempotency-Key' }] } });
  }
  expect(commands()).toHaveLength(1);
});

test('requests that differ in digits that a number of JavaScript does not hold are not the same', async () => {
  const { ask } = await createWorld();
  const push = (serial: string) =>
    ask('POST', '/v1/commands', {
      headers: { 'idempotency-key': 'k1', 'content-type': 'application/json' },
      payload: `{"device_id":"d1","command_type":"x","protocol":"mqtt","payload":{"serial":${serial}}}`,
    });
  expect((await push('1724442618569203714')).status).toBe(202);
  expect((await push('1724442618569203714')).status).toBe(202);
  expect(await push('1724442618569203715')).toMatchObject({
    status: 409,
    body: { code: 'REQUEST_CONFLICT' },
  });
});

test('If-Match takes a list, and a tag that matches nothing is refused with 412', async () => {
  const { ask } = await createWorld();
  const change = (tag: string, rate: number) =>
    ask('PATCH', settingsPath, { headers: { 'if-match': tag }, payload: { rate } });
  const first = await change('"7", "-1"', 1);
  expect(first.status).toBe(200);
  const tag = String(first.headers.etag);
  expect((await change(`"x", ${tag}`, 2)).status).toBe(200);
  for (const other of ['"x"', `W/${tag}`, '"7", "8"', '""']) {
    expect(await change(other, 3), other).toMatchObject({ status: 412, body: { code: 'SETTINGS_CONFLICT' } });
  }
  for (const wrong of ['42', '', '"1', '"1" "2"', '*, "1"']) {
    expect(await change(wrong, 3), wrong).toMatchObject({
      status: 400,
      body: { issues: [{ path: 'If-Match' }] },
    });
  }
  expect((await ask('GET', settingsPath)).body.desired.settings).toEqual({ rate: 2 });
});

test('ids of any alphabet are found, and those that cannot be read are refused', async () => {
  const { ask } = await createWorld();
  for (const id of ['日本', 'a:cancel', 'a/b', '😀', '%', 'content', 'é'.repeat(256)]) {
    const made = await ask('POST', '/v1/commands', {
      payload: { ...command, protocol: 'http', device_id: id, request_id: id },
    });
    expect(made.status, id).toBe(202);
    expect(await ask('GET', String(made.headers.location)), id).toMatchObject({
      status: 200,
      body: { request_id: id, device_id: id },
    });
  }
  for (const id of ['%zz', '%ED%A0%80', '%']) {
    const { status, headers, body } = await ask('GET', `/v1/commands/${id}`);
    expect([status, headers['content-type'], body.code]).toEqual([
      400,
      'application/problem+json',
      'VALIDATION_FAILED',
    ]);
  }
  expect((await ask('GET', '/v1/commands/%00')).status).toBe(404);
  expect((await ask('GET', `/v1/commands/${'x'.repeat(4_000)}`)).status).toBe(414);
});

test('what is no request, or too large a one, is answered with a problem', async () => {
  const send = await sendTo(await createWorld());
  const type = 'application/problem+json';
  expect(
    await send(`GET /v1/commands HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`),
  ).toMatchObject({
    status: 431,
    type,
    body: { status: 431, code: 'MESSAGE_TOO_LARGE' },
  });
  expect(await send('HELO gateway\r\n\r\n')).toMatchObject({
    status: 400,
    type,
    body: { status: 400, code: 'VALIDATION_FAILED' },
  });
});

test('a caller who leaves ends its wait', async () => {
  const waits: AbortSignal[] = [];
  const waiting = Promise.withResolvers<void>();
  const { app } = await createWorld({
    parts: {
      tracker: {
        async pushAndWait(_service: unknown, _command: unknown, { signal }: { signal: AbortSignal }) {
          waits.push(signal);
          waiting.resolve();
          return await new Promise(() => {});
        },
      } as never,
    },
  });
  const leaving = new AbortController();
  const sent = fetch(`${await app.listen({ port: 0 })}/v1/commands?wait=succeeded&timeout=300s`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(command),
    signal: leaving.signal,
  });
  await waiting.promise;
  expect(waits[0]?.aborted).toBe(false);
  leaving.abort();
  await expect(sent).rejects.toThrow();
  await expect.poll(() => waits[0]?.aborted).toBe(true);
});
