import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { deliverTo } from './http-deliver-to.js';

/** A peer of bare sockets: `behave` is called when the head of a request has arrived. */
async function startPeer(behave: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      if (data.includes('\r\n\r\n')) behave(socket);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const head = (...lines: readonly string[]) => `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`;

test.each<[string, (socket: Socket) => void]>([
  ['closes without an answer', (socket) => socket.end()],
  ['resets the connection', (socket) => socket.resetAndDestroy()],
  ['goes in the middle of a status line', (socket) => socket.end('HTTP/1.1 20')],
  ['goes in the middle of the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
  ['says only that it goes on', (socket) => socket.write('HTTP/1.1 102 Processing\r\n\r\n')],
])('a peer that %s is unreachable, and the command retryable', async (_, behave) => {
  const deliver = await deliverTo(await startPeer(behave), { timeoutMs: 1_000 });
  expect(await deliver()).toMatchObject({ kind: 'retryable', unreachable: true });
});

test.each<[string, (socket: Socket) => void]>([
  ['speaks no HTTP', (socket) => socket.write('220 mail.example ESMTP\r\n')],
  ['has a broken header', (socket) => socket.write(head('content-length: -7'))],
  ['has no end of headers', (socket) => socket.write(head(`x: ${'x'.repeat(20_000)}`))],
  ['goes in the middle of the body', (socket) => socket.end(`${head('content-length: 100')}{"half":`)],
  [
    'resets in the middle of the body',
    (socket) => socket.write(`${head('content-length: 100')}{`, () => socket.resetAndDestroy()),
  ],
  [
    'has a broken chunk',
    (socket) => socket.write(`${head('transfer-encoding: chunked')}5\r\nhello\r\nzz\r\n`),
  ],
  ['goes between chunks', (socket) => socket.end(`${head('transfer-encoding: chunked')}5\r\nhello\r\n`)],
  ['does not come to the end of the body', (socket) => socket.write(`${head('content-length: 100')}{`)],
])('an answer that %s proves nothing: retryable, but something is there', async (_, behave) => {
  const deliver = await deliverTo(await startPeer(behave), { timeoutMs: 1_000 });
  expect(await deliver()).toMatchObject({ kind: 'retryable', unreachable: false });
});

test('an answer without end is read up to its bound, then the connection is closed', async () => {
  const closed = Promise.withResolvers<void>();
  const chunk = Buffer.alloc(65_536, ' ');
  const baseUrl = await startPeer((socket) => {
    socket.once('close', () => closed.resolve());
    socket.write(head('content-type: application/json'));
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', pour);
    pour();
  });
  const deliver = await deliverTo(baseUrl, { timeoutMs: 50_000 });
  expect(await deliver()).toStrictEqual({
    kind: 'delivered',
    evidence: 'gateway',
    reason: 'result left out: the answer has more than 65536 bytes',
  });
  await closed.promise;
});

test('an answer that is exactly as long as its bound is the result', async () => {
  const json = JSON.stringify('x'.repeat(65_534));
  const baseUrl = await startPeer((socket) => {
    socket.write(`${head('content-type: application/json', `content-length: ${json.length}`)}${json}`);
  });
  const deliver = await deliverTo(baseUrl);
  expect(await deliver()).toMatchObject({ kind: 'delivered', result: 'x'.repeat(65_534) });
});

test('an answer that ends with the connection is whole', async () => {
  const baseUrl = await startPeer((socket) =>
    socket.end(`${head('content-type: application/json')}{"on":true}`),
  );
  const deliver = await deliverTo(baseUrl);
  expect(await deliver()).toMatchObject({ kind: 'delivered', result: { on: true } });
});

test.each([
  ['a port where nothing listens', 'http://127.0.0.1:1', 'ECONNREFUSED'],
  ['a host that does not exist', 'http://no-such-host.invalid', 'no-such-host.invalid'],
])('%s is unreachable, with a reason that says so, and nothing is sent', async (_, baseUrl, reason) => {
  const deliver = await deliverTo(baseUrl);
  const maySend = () => expect.unreachable('the command would count as dispatched');
  expect(await deliver({}, { maySend })).toMatchObject({
    kind: 'retryable',
    unreachable: true,
    reason: expect.stringContaining(reason),
  });
});

test('a server that speaks no TLS is unreachable by https', async () => {
  const baseUrl = await startPeer(() => {});
  const deliver = await deliverTo(baseUrl.replace('http:', 'https:'), { timeoutMs: 1_000 });
  expect(await deliver()).toMatchObject({ kind: 'retryable', unreachable: true });
});

test.each([
  ['one', ['HTTP/1.1 100 Continue\r\n\r\n']],
  [
    'several, and others',
    ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 10', '2 Processing\r\n\r\n', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ],
  ['one whose lines end with LF alone', ['HTTP/1.1 100 Continue\n\n']],
  ['one with headers, whose lines end with LF alone', ['HTTP/1.1 103 Early Hints\nlink: x\n', '\n']],
  ['one in parts, with headers', ['HT', 'TP/1.1 1', '00 Continue\r\nx: y', '\r\n\r', '\n']],
])(
  'a peer that says 100 Continue before its answer (%s) is delivered to, once for each command',
  async (_, interim) => {
    let requests = 0;
    const body = '{"on":true}';
    const baseUrl = await startPeer(async (socket) => {
      requests++;
      for (const part of interim) {
        // Each as a segment of its own.
        await new Promise((resolve) => socket.write(part, resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.write(`${head('content-type: application/json', `content-length: ${body.length}`)}${body}`);
    });
    const deliver = await deliverTo(baseUrl, { connectionsPerOrigin: 1 });
    for (const count of [1, 2, 3]) {
      expect(await deliver({ payload: { count } })).toMatchObject({
        kind: 'delivered',
        result: { on: true },
      });
    }
    expect(requests).toBe(3);
  },
);

test('a command that expires while it waits for a connection is not sent', async () => {
  const answered: (() => void)[] = [];
  let requests = 0;
  const baseUrl = await startPeer((socket) => {
    requests++;
    answered.push(() => socket.write(head('content-length: 0')));
  });
  const deliver = await deliverTo(baseUrl, { connectionsPerOrigin: 1 });
  const first = deliver();
  await expect.poll(() => requests).toBe(1);
  const expiresAt = new Date(Date.now() + 50);
  const second = deliver({ expiresAt });
  const third = deliver({ expiresAt: new Date(Date.now() + 3_600_000) });
  await expect.poll(() => Date.now()).toBeGreaterThan(expiresAt.getTime());
  answered[0]?.();
  expect(await first).toMatchObject({ kind: 'delivered' });
  expect(await second).toEqual({
    kind: 'retryable',
    reason: 'it expired before its turn',
    unreachable: false,
  });
  await expect.poll(() => requests).toBe(2);
  answered[1]?.();
  expect(await third).toMatchObject({ kind: 'delivered' });
  expect(requests).toBe(2);
});
