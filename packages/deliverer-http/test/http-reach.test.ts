import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { directoryFromTemplate } from '@preservarium/deliverer';
import { generate } from 'selfsigned';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { createHttpDeliverer, verifySignature } from '../src/index.js';
import { deliverTo } from './http-deliver-to.js';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Listens until the test ends; gives the port. */
async function listen(server: Server & { closeAllConnections(): void }): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function serve(answer: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(answer))}`;
}

test('a redirect is not followed', async () => {
  let reached = false;
  const elsewhere = await serve((_, response) => {
    reached = true;
    response.end();
  });
  for (const status of [301, 302, 303, 307, 308]) {
    const baseUrl = await serve((_, response) => response.writeHead(status, { location: elsewhere }).end());
    const deliver = await deliverTo(baseUrl);
    expect(await deliver()).toMatchObject({
      kind: 'rejected',
      reason: `answered ${status}, to ${elsewhere}; redirects are not followed: correct the device directory`,
    });
  }
  expect(reached).toBe(false);
});

test('a command reaches no host but that of its device, whatever its path', async () => {
  const paths: unknown[] = [];
  const baseUrl = await serve((request, response) => {
    paths.push(request.url);
    response.end();
  });
  let reached = false;
  const elsewhere = await serve((_, response) => {
    reached = true;
    response.end();
  });
  const deliver = await deliverTo(`${baseUrl}/devices/7`);
  for (const path of [
    elsewhere,
    elsewhere.slice('http:'.length),
    `/\\${elsewhere.slice('http://'.length)}`,
  ]) {
    expect(await deliver({ path })).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('path'),
    });
  }
  expect(await deliver({ path: `/${elsewhere}` })).toMatchObject({ kind: 'delivered' });
  expect(paths).toEqual([`/devices/7/${elsewhere}`]);
  expect(reached).toBe(false);
});

test('a device that the directory does not know is rejected by name', async () => {
  const deliver = await deliverTo('', { directory: () => undefined });
  expect(await deliver()).toStrictEqual({
    kind: 'rejected',
    reason: 'device "lamp-7" is not in the device directory',
  });
});

test('a device that can have no address is rejected; a directory that fails is asked again', async () => {
  const fromTemplate = await deliverTo('', { directory: directoryFromTemplate('http://{deviceId}.example') });
  expect(await fromTemplate({ deviceId: 'a.b' })).toMatchObject({
    kind: 'rejected',
    reason: expect.stringContaining('"a.b"'),
  });
  const failing = await deliverTo('', { directory: () => Promise.reject(new Error('the database is away')) });
  expect(await failing()).toMatchObject({
    kind: 'retryable',
    unreachable: true,
    reason: expect.stringContaining('the database is away'),
  });
  const hanging = await deliverTo('', { directory: () => new Promise(() => {}), timeoutMs: 100 });
  expect(await hanging()).toMatchObject({
    kind: 'retryable',
    unreachable: true,
    reason: 'the device directory did not answer within 100 ms',
  });
});

test('an address that is not HTTP is rejected', async () => {
  const deliver = await deliverTo('coap://192.0.2.7');
  expect(await deliver()).toMatchObject({ kind: 'rejected', reason: expect.stringContaining('lamp-7') });
});

test('a busy gateway says when to come again', async () => {
  const baseUrl = await serve((_, response) =>
    response.writeHead(503, { 'retry-after': '120' }).end('restarting'),
  );
  const deliver = await deliverTo(baseUrl);
  expect(await deliver()).toStrictEqual({
    kind: 'retryable',
    reason: 'answered 503: restarting',
    unreachable: true,
    afterMs: 120_000,
  });
});

test('a receiver verifies with our function, and with the Standard Webhooks library', async () => {
  const verdicts: unknown[] = [];
  const baseUrl = await serve(async (request, response) => {
    const body = await buffer(request);
    const { method = '', url: path = '', headers } = request;
    verdicts.push(verifySignature({ method, path, headers, body }, { secret }));
    verdicts.push(verifySignature({ method, path: '/devices/8', headers, body }, { secret }));
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    verdicts.push(new Webhook(secret).verify(body.toString(), named));
    response.end();
  });
  const rotating = [`whsec_${Buffer.alloc(24).toString('base64')}`, secret];
  const deliver = await deliverTo(`${baseUrl}/devices/7`, { secret: rotating });
  expect(await deliver({ payload: { on: true } })).toMatchObject({ kind: 'delivered' });
  expect(verdicts).toEqual([true, false, { on: true }]);
});

test('without a secret, nothing is signed', async () => {
  const names: string[] = [];
  const baseUrl = await serve((request, response) => {
    names.push(...Object.keys(request.headers));
    response.end();
  });
  const deliver = await deliverTo(baseUrl);
  await deliver();
  expect(names.filter((name) => name.startsWith('webhook-'))).toEqual([]);
});

test('TLS: the authority given is trusted and no other, and the client shows its certificate', async () => {
  const [server, client] = await Promise.all([selfSigned('localhost'), selfSigned('pusher')]);
  const port = await listen(
    createTlsServer(
      {
        cert: server?.cert,
        key: server?.private,
        ca: client?.cert,
        requestCert: true,
        rejectUnauthorized: true,
      },
      (_, response) => response.end(),
    ),
  );
  const baseUrl = `https://localhost:${port}`;
  const ca = String(server?.cert);
  const deliver = await deliverTo(baseUrl, {
    tls: { ca, cert: String(client?.cert), key: String(client?.private) },
  });
  expect(await deliver()).toMatchObject({ kind: 'delivered' });
  for (const tls of [{ ca }, {}]) {
    const stranger = await deliverTo(baseUrl, { tls });
    expect(await stranger()).toMatchObject({ kind: 'retryable', unreachable: true });
  }
});

test.each([
  ['an authority that is not trusted', 'localhost', {}],
  ['the name of another host', 'other.example', {}],
  ['a period that has ended', 'localhost', { notAfterDate: new Date(Date.now() - 1_000) }],
])('TLS: a certificate with %s is named, with the option that trusts', async (_, name, period) => {
  const pem = await selfSigned(name, period);
  const server = createTlsServer({ cert: pem.cert, key: pem.private }, (_, response) => response.end());
  const port = await listen(server);
  const isTrusted = name !== 'localhost' || 'notAfterDate' in period;
  const deliver = await deliverTo(`https://localhost:${port}`, { tls: isTrusted ? { ca: pem.cert } : {} });
  expect(await deliver()).toMatchObject({
    kind: 'retryable',
    unreachable: true,
    reason: expect.stringMatching(
      /^cannot reach https:\/\/localhost:\d+: .*certificate.*; the certificate of the device is checked against tls\.ca \(HTTP_CA\), or else the authorities of the system$/s,
    ),
  });
});

test('TLS: certificates are read again for each connection', async () => {
  const [old, renewed] = await Promise.all([selfSigned('localhost'), selfSigned('localhost')]);
  const server = createTlsServer({ cert: old?.cert, key: old?.private }, (_, response) => response.end());
  const port = await listen(server);
  let ca = String(old?.cert);
  const deliver = await deliverTo(`https://localhost:${port}`, { tls: () => ({ ca }) });
  expect(await deliver()).toMatchObject({ kind: 'delivered' });
  server.setSecureContext({ cert: renewed?.cert, key: renewed?.private });
  server.closeAllConnections();
  await expect.poll(() => deliver()).toMatchObject({ kind: 'retryable', unreachable: true });
  ca = String(renewed?.cert);
  expect(await deliver()).toMatchObject({ kind: 'delivered' });
});

async function selfSigned(name: string, period: { readonly notAfterDate?: Date } = {}) {
  const altNames = [{ type: 2, value: name } as const];
  return await generate([{ name: 'commonName', value: name }], {
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 24 * 3_600_000),
    ...period,
    extensions: [{ name: 'subjectAltName', altNames }],
  });
}

test('connections to a host are bounded and used again', async () => {
  let open = 0;
  let opened = 0;
  let most = 0;
  const server = createServer((_, response) => setImmediate(() => response.end()));
  server.on('connection', (socket) => {
    opened += 1;
    open += 1;
    most = Math.max(most, open);
    socket.on('close', () => {
      open -= 1;
    });
  });
  const deliver = await deliverTo(`http://127.0.0.1:${await listen(server)}`, { connectionsPerOrigin: 3 });
  const results = await Promise.all(
    Array.from({ length: 60 }, (_, device) => deliver({ deviceId: `lamp-${device}` })),
  );
  expect(results.every(({ kind }) => kind === 'delivered')).toBe(true);
  expect([most, opened]).toEqual([3, 3]);
});

test('a deliverer that is closed does not start again', async () => {
  const deliverer = createHttpDeliverer({ directory: () => undefined });
  await deliverer.close({ timeoutMs: 0 });
  const port = {
    reachable: () => false,
    report: async () => {},
    reported: async () => ({ kind: 'kept' as const }),
  };
  await expect(deliverer.start(port, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'CLOSED' });
  expect(deliverer.isReady()).toBe(false);
});

test('idle connections are kept to the hosts used last only, and to none after close', async () => {
  const closed: string[] = [];
  const baseUrls = new Map<string, string>();
  for (const deviceId of ['a', 'b', 'c']) {
    const server = createServer({ keepAliveTimeout: 600_000 }, (_, response) => response.end());
    server.on('connection', (socket) => socket.on('close', () => closed.push(deviceId)));
    baseUrls.set(deviceId, `http://127.0.0.1:${await listen(server)}`);
  }
  const deliverer = createHttpDeliverer({ directory: (deviceId) => baseUrls.get(deviceId), maxOrigins: 2 });
  onTestFinished(() => deliverer.close({ timeoutMs: 0 }));
  const { signal } = new AbortController();
  const context = { attempt: 1, mayBeRepeat: false, signal };
  for (const deviceId of ['a', 'b', 'a', 'c']) {
    const command = {
      deviceId,
      commandType: 'set',
      protocol: 'http',
      requestId: deviceId,
      payload: {},
      metadata: {},
    };
    const result = await deliverer.deliver({ ...command, timestamp: new Date() }, context);
    expect(result).toMatchObject({ kind: 'delivered' });
  }
  await expect.poll(() => closed, { timeout: 30_000 }).toEqual(['b']);
  await deliverer.close({ timeoutMs: 1_000 });
  await expect.poll(() => closed.toSorted(), { timeout: 30_000 }).toEqual(['a', 'b', 'c']);
});
