import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { startHealthServer } from './health-server.js';

test('a request whose head does not end is answered with 408', { timeout: 20_000 }, async () => {
  await using server = await startHealthServer({
    ...{ port: 0, host: '127.0.0.1', reports: {}, serveMetrics: undefined },
  });
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1.1 408 /);
  socket.destroy();
});

test('more than 100 connections are closed at once', async () => {
  await using server = await startHealthServer({
    ...{ port: 0, host: '127.0.0.1', reports: {}, serveMetrics: undefined },
  });
  const sockets: Socket[] = [];
  for (let count = 0; count < 100; count++) {
    const socket = connect(server.port, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
  }
  const refused = connect(server.port, '127.0.0.1').resume();
  await once(refused, 'close');
  expect(sockets.every((socket) => !socket.destroyed)).toBe(true);
  for (const socket of sockets) socket.destroy();
});
