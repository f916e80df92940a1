import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { verifyOidcToken } from './verify-oidc-token.js';

test('however many tokens come while the issuer fails, it is asked once', async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(500).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const verify = verifyOidcToken({ issuer: `http://127.0.0.1:${port}`, audience: 'pusher' });
  const all = () => Promise.allSettled(Array.from({ length: 50 }, () => verify('a.b.c')));
  for (const answers of [await all(), await all()]) {
    expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
  }
  expect(asked).toBe(1);
});
