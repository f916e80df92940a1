import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { textHeaders } from '@preservarium/backend';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliverTo } from './http-deliver-to.js';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
let python: ChildProcess;
let baseUrl: string;

beforeAll(async () => {
  const script = fileURLToPath(new URL('http-peer.py', import.meta.url));
  python = spawn('python3', [script], {
    env: { ...process.env, SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(python.stdout ?? python, 'data');
  baseUrl = `http://127.0.0.1:${Number(port)}/devices/7`;
});
afterAll(async () => {
  const ended = once(python, 'exit');
  python.kill();
  await ended;
});

test("Python's server gets a command as it is meant, and finds the signature right", async () => {
  const deliver = await deliverTo(baseUrl, { secret, evidence: 'device' });
  const command = { requestId: 'request-1', path: 'led?fade=1', payload: { on: true, name: 'ü' } };
  const result = await deliver(command, { attempt: 3, mayBeRepeat: true });
  expect(result).toMatchObject({
    kind: 'delivered',
    evidence: 'device',
    result: {
      method: 'POST',
      path: '/devices/7/led?fade=1',
      body: Buffer.from('{"on":true,"name":"ü"}').toString('hex'),
      signed: true,
      headers: {
        'content-type': 'application/json',
        'idempotency-key': 'request-1',
        'webhook-id': 'request-1',
        'command-type': 'set_led',
        'command-attempt': '3',
        'may-be-repeat': 'true',
      },
    },
  });
});

test('settings are a PUT to /settings, unless they say otherwise', async () => {
  const deliver = await deliverTo(baseUrl, { secret });
  const settings = { commandType: 'settings', supersedeKey: 'settings', payload: { on: true } };
  expect(await deliver(settings)).toMatchObject({ result: { method: 'PUT', path: '/devices/7/settings' } });
  const others = { ...settings, method: 'POST', path: '/s' } as const;
  expect(await deliver(others)).toMatchObject({ result: { method: 'POST', path: '/devices/7/s' } });
});

test('a first attempt is not marked as a repeat', async () => {
  const deliver = await deliverTo(baseUrl, { secret });
  expect(await deliver()).toMatchObject({ result: { headers: { 'command-attempt': '1' } } });
  expect(await deliver()).not.toHaveProperty('result.headers.may-be-repeat');
});

test('the trace context of a command is in the request, and no other header of its record', async () => {
  const deliver = await deliverTo(baseUrl, { secret });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const answer = await deliver({}, { headers: textHeaders({ traceparent, host: 'elsewhere.example' }) });
  expect(answer).toMatchObject({ result: { headers: { traceparent }, signed: true } });
  expect(answer).not.toHaveProperty('result.headers.host', 'elsewhere.example');
});

test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)('%s without a payload', async (method) => {
  const deliver = await deliverTo(baseUrl, { secret });
  const body = method === 'GET' || method === 'DELETE' ? '' : '{}';
  expect(await deliver({ method })).toMatchObject({
    result: { method, path: '/devices/7', body: Buffer.from(body).toString('hex'), signed: true },
  });
});

test('DELETE with a payload has it as body; methods that HTTP has not are rejected', async () => {
  const deliver = await deliverTo(baseUrl, { secret });
  const payload = { id: 1 };
  expect(await deliver({ method: 'DELETE', payload })).toMatchObject({
    result: { body: Buffer.from('{"id":1}').toString('hex'), signed: true },
  });
  for (const command of [{ method: 'FETCH' }, { method: 'IPATCH' }] as const) {
    expect(await deliver(command)).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining(command.method),
    });
  }
});

test("bytes of a device's own, and ids that no header can carry as they are", async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const deliver = await deliverTo(baseUrl, {
    secret,
    formatCommand: () => ({ bytes, contentType: 'application/x-frame' }),
  });
  const command = { requestId: '50 % ü.1', commandType: 'set led' };
  expect(await deliver(command)).toMatchObject({
    result: {
      body: bytes.toString('hex'),
      signed: true,
      headers: {
        'content-type': 'application/x-frame',
        'idempotency-key': '50%20%25%20%C3%BC.1',
        'command-type': 'set%20led',
      },
    },
  });
});

test('a content type that no header can carry is rejected', async () => {
  const deliver = await deliverTo(baseUrl, {
    formatCommand: () => ({ bytes: Buffer.from('x'), contentType: 'text/plain\r\nx-injected: 1' }),
  });
  expect(await deliver()).toMatchObject({
    kind: 'rejected',
    reason: expect.stringContaining('content-type'),
  });
});
