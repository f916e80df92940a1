import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { type JsonObject, parseCommand } from '@preservarium/core';
import type { ConnectorPort, ReportOutcome } from '@preservarium/deliverer';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createHttpDeliverer, type HttpDelivererOptions, signReport } from '../src/index.js';

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const secret = secretOf(7);

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A deliverer to which devices report. */
async function startListening(
  settings: Partial<HttpDelivererOptions> = {},
  keep: () => Promise<ReportOutcome> = async () => ({ kind: 'kept' }),
) {
  const port = await freePort();
  const deliverer = createHttpDeliverer({
    directory: () => undefined,
    listen: { host: '127.0.0.1', port },
    ...settings,
  });
  onTestFinished(() => deliverer.close({ timeoutMs: 0 }));
  const reported: [deviceId: string, patch: JsonObject][] = [];
  const connector: ConnectorPort = {
    reachable: () => false,
    report: async () => {},
    reported(deviceId, patch) {
      reported.push([deviceId, patch]);
      return keep();
    },
  };
  await deliverer.start(connector, { timeoutMs: 1_000 });
  const post = async (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body, headers })).status;
  return { deliverer, port, reported, post };
}

test('a report reaches the port, and an unreadable one is refused', async () => {
  const { port, reported, post } = await startListening();
  const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
  for (const body of ['', 'on', '[1]', 'null', '{"a":', deep, Buffer.from([0xff])]) {
    expect(await post('/settings/lamp', body)).toBe(400);
  }
  expect(await post('/settings/lamp', JSON.stringify({ a: 'x'.repeat(70_000) }))).toBe(413);
  expect(await post('/settings', '{}')).toBe(404);
  expect(await post('/settings/lamp/led', '{}')).toBe(404);
  expect(await post('/settings/%ff', '{}')).toBe(404);
  expect(await post('/settings/a%00', '{}')).toBe(404);
  expect(await post(`/settings/${'x'.repeat(257)}`, '{}')).toBe(404);
  expect((await fetch(`http://127.0.0.1:${port}/settings/lamp`)).status).toBe(405);
  expect(await post('/settings/lamp%2F7', '{"a":{"b":1}}')).toBe(204);
  expect(reported).toEqual([['lamp/7', { a: { b: 1 } }]]);
});

test('with a secret, only what is signed for this device and with this body', async () => {
  const { reported, post } = await startListening({ secret });
  const body = '{"a":1}';
  const signed = signReport({ deviceId: 'lamp', body: Buffer.from(body) }, secret);
  expect(await post('/settings/lamp', body)).toBe(401);
  expect(await post('/settings/pump', body, signed)).toBe(401);
  expect(await post('/settings/lamp', '{"a":2}', signed)).toBe(401);
  expect(await post('/settings/lamp', body, signed)).toBe(204);
  expect(reported).toEqual([['lamp', { a: 1 }]]);
});

test('a signed report is taken once', async () => {
  const { reported, post } = await startListening({ secret });
  const body = '{"a":1}';
  const signed = signReport({ deviceId: 'lamp', body: Buffer.from(body) }, secret);
  expect(await post('/settings/lamp', body, signed)).toBe(204);
  expect(await post('/settings/lamp', body, signed)).toBe(401);
  const again = signReport({ deviceId: 'lamp', body: Buffer.from(body) }, secret);
  expect(await post('/settings/lamp', body, again)).toBe(204);
  expect(reported).toHaveLength(2);
});

test('a connector that has started anew takes no report again', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 });
  onTestFinished(() => void vi.useRealTimers());
  const body = '{"a":1}';
  const sign = () => signReport({ deviceId: 'lamp', body: Buffer.from(body) }, secret);
  const before = await startListening({ secret });
  const signed = sign();
  expect(await before.post('/settings/lamp', body, signed)).toBe(204);
  await before.deliverer.close({ timeoutMs: 0 });

  vi.setSystemTime(1_800_000_003_000);
  const after = await startListening({ secret });
  const again = await fetch(`http://127.0.0.1:${after.port}/settings/lamp`, {
    ...{ method: 'POST', body, headers: signed },
  });
  expect([again.status, again.headers.get('retry-after')]).toEqual([503, '3']);
  expect(after.reported).toEqual([]);
  expect(await after.post('/settings/lamp', body, sign())).toBe(204);
});

test('a signed command that comes back is no report, also where its path and body fit', async () => {
  const { deliverer, reported, post } = await startListening({
    secret,
    directory: () => `http://127.0.0.1:${port}`,
  });
  const commands: { readonly headers: Record<string, string>; readonly body: string }[] = [];
  const server = createHttpServer(async (request, response) => {
    commands.push({ headers: request.headers as Record<string, string>, body: await text(request) });
    response.end();
  });
  const port = await freePort();
  await once(server.listen(port, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const command = parseCommand({
    ...{ deviceId: 'lamp', commandType: 'x', protocol: 'http', path: '/settings/lamp', payload: { a: 1 } },
  });
  const { signal } = new AbortController();
  await deliverer.deliver(command, { attempt: 1, mayBeRepeat: false, signal });
  const [{ headers, body } = { headers: {}, body: '' }] = commands;
  expect(body).toBe('{"a":1}');
  const { connection: _, 'content-length': __, host: ___, ...reflected } = headers;
  expect(await post('/settings/lamp', body, reflected)).toBe(401);
  expect(reported).toEqual([]);
});

test('with secrets of devices, no device reports for another one', async () => {
  const secrets: Record<string, string> = { lamp: secretOf(1), pump: secretOf(2) };
  const { deliverer, reported, post } = await startListening({ secret: (deviceId) => secrets[deviceId] });
  const body = '{"a":1}';
  const sign = (deviceId: string, by: number) =>
    signReport({ deviceId, body: Buffer.from(body) }, secretOf(by));
  expect(await post('/settings/pump', body, sign('pump', 1))).toBe(401);
  expect(await post('/settings/unknown', body, sign('unknown', 1))).toBe(401);
  expect(await post('/settings/unknown', body)).toBe(401);
  expect(await post('/settings/lamp', body, sign('lamp', 1))).toBe(204);
  expect(reported).toEqual([['lamp', { a: 1 }]]);

  const { signal } = new AbortController();
  const command = parseCommand({ deviceId: 'unknown', commandType: 'x', protocol: 'http' });
  expect(await deliverer.deliver(command, { attempt: 1, mayBeRepeat: false, signal })).toMatchObject({
    kind: 'rejected',
  });
});

test('a report is acknowledged when it is kept, and what is not kept when the deliverer is closed is sent again', async () => {
  const { deliverer, reported, post } = await startListening({}, () => new Promise(() => {}));
  const answer = post('/settings/lamp', '{"a":1}');
  await expect.poll(() => reported).toHaveLength(1);
  expect(await Promise.race([answer, 'not yet'])).toBe('not yet');
  await deliverer.close({ timeoutMs: 100 });
  expect(await answer).toBe(503);
});

test.each<[string, ReportOutcome, number, string | null]>([
  ['kept', { kind: 'kept' }, 204, null],
  ['refused', { kind: 'refused', reason: 'the device is unknown' }, 422, null],
  ['not stored now', { kind: 'later', afterMs: 1_500 }, 503, '2'],
])('a report that is %s is answered as such', async (_, outcome, status, retryAfter) => {
  const { port } = await startListening({}, async () => outcome);
  const answer = await fetch(`http://127.0.0.1:${port}/settings/lamp`, { method: 'POST', body: '{"a":1}' });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter]);
  const { reason } = outcome.kind === 'refused' ? outcome : { reason: undefined };
  if (reason !== undefined) expect(await answer.json()).toEqual({ reason });
});

test('a port that is taken is CONFIGURATION_INVALID', async () => {
  const { port } = await startListening();
  const second = createHttpDeliverer({ directory: () => undefined, listen: { host: '127.0.0.1', port } });
  const deaf = {
    reachable: () => false,
    report: async () => {},
    reported: async () => ({ kind: 'kept' as const }),
  };
  await expect(second.start(deaf, { timeoutMs: 1_000 })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
  });
  expect(second.isReady()).toBe(false);
});

test.each([
  ['head', 'POST /settings/lamp HTTP/1.1\r\nhost: x\r\n'],
  ['body', 'POST /settings/lamp HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"a":'],
])('a report whose %s does not end is answered with 408', { timeout: 25_000 }, async (_, begin) => {
  const { port, reported } = await startListening();
  const socket = connect(port, '127.0.0.1');
  socket.write(begin);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1.1 408 /);
  expect(reported).toEqual([]);
  socket.destroy();
});
