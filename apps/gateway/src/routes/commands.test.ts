import { createPolicy } from '@preservarium/access';
import { expect, test } from 'vitest';
import { command, createWorld, event } from '../../test/world.js';
import { createAuthorizer } from '../auth/authorize.js';

const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });

test('a push answers 202 with the address of the command', async () => {
  const { ask, commands } = await createWorld();
  const { status, headers, body } = await ask('POST', '/v1/commands', {
    payload: { ...command, request_id: 'r 1' },
  });
  expect({ status, location: headers.location, body }).toMatchObject({
    status: 202,
    location: '/v1/commands/r%201?device=d1',
    body: { request_id: 'r 1', device_id: 'd1', state: 'published', topic: 'device_commands' },
  });
  expect(commands()).toMatchObject([{ request_id: 'r 1', device_id: 'd1', payload: { on: true } }]);
  expect(await ask('GET', String(headers.location))).toMatchObject({
    status: 200,
    body: { request_id: 'r 1', state: 'published', is_final: false, events: [{ state: 'published' }] },
  });
});

test('the same request again gets the first answer, and is pushed once', async () => {
  const { ask, commands } = await createWorld();
  const first = await ask('POST', '/v1/commands', { ...keyed('k1'), payload: command });
  const { device_id, ...others } = command;
  const again = await ask('POST', '/v1/commands', { ...keyed('k1'), payload: { ...others, device_id } });
  expect(again.body).toEqual(first.body);
  expect(first.body.request_id).toBe('k1');
  expect(commands()).toHaveLength(1);
});

test('another request under the same key is refused', async () => {
  const { ask, commands } = await createWorld();
  await ask('POST', '/v1/commands', { ...keyed('k1'), payload: command });
  const other = await ask('POST', '/v1/commands', { ...keyed('k1'), payload: { ...command, payload: {} } });
  expect(other).toMatchObject({ status: 409, body: { code: 'REQUEST_CONFLICT', retryable: false } });
  expect(commands()).toHaveLength(1);
});

test('a key is free again after a request that sent nothing', async () => {
  const { ask } = await createWorld({ limits: { maxBodyBytes: 3_000_000 } });
  const large = { ...command, payload: { text: 'x'.repeat(1_100_000) } };
  const refused = await ask('POST', '/v1/commands', { ...keyed('k1'), payload: large });
  expect(refused).toMatchObject({ status: 413, body: { code: 'MESSAGE_TOO_LARGE' } });
  expect(await ask('POST', '/v1/commands', { ...keyed('k1'), payload: command })).toMatchObject({
    status: 202,
  });
});

test('a wrong command is a problem with the places', async () => {
  const { ask } = await createWorld();
  const payload = { device_id: '', command_type: 'a', protocol: 'mqtt', qos: 3, colour: 1 };
  const { status, headers, body } = await ask('POST', '/v1/commands', { payload });
  expect({ status, type: headers['content-type'] }).toEqual({
    status: 400,
    type: 'application/problem+json',
  });
  expect(body).toMatchObject({ code: 'VALIDATION_FAILED', status: 400 });
  expect(body.issues.map(({ path }: { path: string }) => path).toSorted()).toEqual([
    'colour',
    'device_id',
    'qos',
  ]);
});

test.each([
  ['no JSON', '{', 'application/json', 400],
  ['no object', '[]', 'application/json', 400],
  ['null', 'null', 'application/json', 400],
  ['another type', 'a=b', 'application/x-www-form-urlencoded', 415],
  ['too large', `"${'x'.repeat(20_000)}"`, 'application/json', 413],
])('a body that is %s is refused', async (_, payload, type, status) => {
  const { ask } = await createWorld();
  const answer = await ask('POST', '/v1/commands', { payload, headers: { 'content-type': type } });
  expect(answer).toMatchObject({ status, body: { status } });
});

test('a wait answers with the outcome', async () => {
  const { ask, write, commands } = await createWorld();
  const payload = { ...command, request_id: 'r1' };
  const answering = ask('POST', '/v1/commands?wait=succeeded&timeout=20s', { payload });
  await expect.poll(commands).toHaveLength(1);
  await write(event('dispatched'), event('succeeded', { evidence: 'executed', result: { level: 3 } }));
  expect(await answering).toMatchObject({
    status: 200,
    body: { state: 'succeeded', evidence: 'executed', result: { level: 3 } },
  });
  const again = await ask('POST', '/v1/commands?wait=succeeded&timeout=20s', { payload });
  expect(again).toMatchObject({ status: 200, body: { state: 'succeeded' } });
  expect(commands()).toHaveLength(1);
});

test('a wait answers with another final state', async () => {
  const { ask, write, commands } = await createWorld();
  const payload = { ...command, request_id: 'r1' };
  const answering = ask('POST', '/v1/commands?wait=succeeded&timeout=20s', { payload });
  await expect.poll(commands).toHaveLength(1);
  await write(event('expired', { reason: 'too late' }));
  expect(await answering).toMatchObject({ status: 200, body: { state: 'expired', reason: 'too late' } });
});

test('a wait that ends early answers 202 with the state so far', async () => {
  const { ask } = await createWorld();
  const late = await ask('POST', '/v1/commands?wait=delivered&timeout=1ms', { payload: command });
  expect(late).toMatchObject({ status: 202, body: { state: 'published' } });
});

test('waits are answered when the gateway stops, and new requests are refused', async () => {
  const { ask, stopping, commands } = await createWorld();
  const answering = ask('POST', '/v1/commands?wait=delivered&timeout=60s', { payload: command });
  await expect.poll(commands).toHaveLength(1);
  stopping.abort();
  expect(await answering).toMatchObject({ status: 202, body: { state: 'published' } });
  expect(await ask('GET', '/v1/commands')).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
    body: { code: 'CLOSED', retryable: true },
  });
});

test('commands are listed by pages', async () => {
  const { ask, write } = await createWorld();
  const ids = ['a', 'b', 'c'];
  for (const id of ids) await ask('POST', '/v1/commands', { payload: { ...command, request_id: id } });
  await write(event('dead', { requestId: 'b' }));
  await expect
    .poll(async () => (await ask('GET', '/v1/commands?state=dead,failed')).body.commands)
    .toHaveLength(1);
  const first = await ask('GET', '/v1/commands?device=d1&limit=2');
  const second = await ask('GET', `/v1/commands?device=d1&limit=2&cursor=${first.body.cursor}`);
  const listed = [...first.body.commands, ...second.body.commands];
  expect(listed.map((each: { request_id: string }) => each.request_id).toSorted()).toEqual(ids);
  expect(second.body.cursor).toBeUndefined();
  expect(await ask('GET', '/v1/commands?limit=0')).toMatchObject({
    status: 400,
    body: { issues: [{ path: 'limit' }] },
  });
  expect(await ask('GET', '/v1/commands?cursor=x')).toMatchObject({
    status: 400,
    body: { issues: [{ path: 'cursor' }] },
  });
});

test('a command is cancelled by its id', async () => {
  const { ask, backend } = await createWorld();
  await ask('POST', '/v1/commands', { payload: { ...command, request_id: 'r1' } });
  const answer = await ask('POST', '/v1/commands/r1:cancel');
  expect(answer).toMatchObject({ status: 202, body: { request_id: 'r1', device_id: 'd1' } });
  expect(backend.records('device_commands_waiting')).toHaveLength(1);
  expect(await ask('POST', '/v1/commands/r2:cancel')).toMatchObject({
    status: 404,
    body: { code: 'NOT_FOUND' },
  });
});

test('a command of two devices is found by its device', async () => {
  const { ask } = await createWorld();
  for (const device of ['d1', 'd2']) {
    await ask('POST', '/v1/commands', { payload: { ...command, device_id: device, request_id: 'r1' } });
  }
  expect(await ask('GET', '/v1/commands/r1?device=d2')).toMatchObject({
    status: 200,
    body: { device_id: 'd2' },
  });
  await expect.poll(async () => (await ask('GET', '/v1/commands/r1')).status).toBe(409);
});

test('the policy decides who may do what', async () => {
  const policy = createPolicy({
    rules: [
      {
        name: 'lights',
        subjects: [{ key: '*' }],
        devices: { prefixes: ['l'] },
        actions: ['push', 'read'],
        commands: ['set_led'],
      },
      { name: 'all', subjects: [{ key: 'root' }], actions: ['push', 'read', 'cancel'] },
    ],
  });
  const { ask } = await createWorld({
    parts: {
      authorizer: createAuthorizer(policy),
      authenticate: async ({ apiKey }) => ({ id: `key:${apiKey}`, keyId: apiKey }),
    },
  });
  const as = (key: string) => ({ headers: { 'x-api-key': key } });
  const push = (key: string, device: string) =>
    ask('POST', '/v1/commands', {
      ...as(key),
      payload: { ...command, device_id: device, request_id: device },
    });
  expect(await push('guest', 'l1')).toMatchObject({ status: 202 });
  expect(await push('root', 'd1')).toMatchObject({ status: 202 });
  expect(await push('guest', 'd1')).toMatchObject({
    status: 403,
    body: {
      code: 'FORBIDDEN',
      detail: 'the policy does not allow this: rule "lights": is not for the device "d1"',
    },
  });
  expect(await ask('GET', '/v1/commands/d1', as('guest'))).toMatchObject({ status: 404 });
  expect(await ask('POST', '/v1/commands/l1:cancel', as('guest'))).toMatchObject({ status: 403 });
  expect((await ask('GET', '/v1/commands', as('guest'))).body.commands).toMatchObject([{ device_id: 'l1' }]);
});

test('more requests in a second than the limit are refused for their caller only', async () => {
  const { ask } = await createWorld({
    parts: { authenticate: async ({ apiKey }) => ({ id: `key:${apiKey}`, keyId: apiKey }) },
    limits: { requestsPerSecond: 2 },
  });
  const as = (key: string) => ask('GET', '/v1/commands', { headers: { 'x-api-key': key } });
  const answers = [await as('a'), await as('a'), await as('a'), await as('b')];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 200]);
  expect(answers[2]).toMatchObject({
    headers: { 'retry-after': '1' },
    body: { code: 'RATE_LIMITED', retryable: true },
  });
});

test('a command and its events carry their issuer', async () => {
  const authenticate = async () => ({ id: 'key:dashboard', keyId: 'dashboard' });
  const { ask, commands, backend } = await createWorld({ parts: { authenticate } });
  await ask('POST', '/v1/commands', { payload: { ...command, request_id: 'r1' } });
  expect(commands()).toMatchObject([{ issued_by: 'key:dashboard' }]);
  expect((await ask('GET', '/v1/commands/r1')).body).toMatchObject({
    issued_by: 'key:dashboard',
    events: [{ state: 'published', issued_by: 'key:dashboard' }],
  });
  await ask('POST', '/v1/commands/r1:cancel');
  const [cancellation] = backend.records('device_commands_waiting');
  expect(JSON.parse(String(cancellation?.value))).toMatchObject({
    request_id: 'r1',
    issued_by: 'key:dashboard',
  });
  await ask('PATCH', '/v1/devices/d1/settings', { payload: { rate: 1 } });
  expect((await ask('GET', '/v1/devices/d1/settings')).body).toMatchObject({ issued_by: 'key:dashboard' });
});

test('no caller issues a command in the name of another', async () => {
  const { ask, commands } = await createWorld();
  const answer = await ask('POST', '/v1/commands', { payload: { ...command, issued_by: 'key:other' } });
  expect(answer).toMatchObject({ status: 400, body: { issues: [{ path: 'issued_by' }] } });
  await ask('POST', '/v1/commands', { payload: command });
  expect(commands()).not.toMatchObject([{ issued_by: expect.anything() }]);
});
