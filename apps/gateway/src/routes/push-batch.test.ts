import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createPolicy } from '@preservarium/access';
import { expect, onTestFinished, test } from 'vitest';
import { command, createWorld } from '../../test/world.js';
import { createAuthorizer } from '../auth/authorize.js';
import type { GatewayApp } from '../http/app.js';

const headers = { 'content-type': 'application/x-ndjson' };

function ndjson(...lines: readonly (object | string)[]): string {
  return lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
}

async function post(app: GatewayApp, body: string, types = headers) {
  const url = `${await app.listen({ port: 0 })}/v1/commands:batch`;
  const response = await fetch(url, { method: 'POST', headers: types, body });
  const lines = (await response.text()).trimEnd().split('\n');
  const type = response.headers.get('content-type');
  return { status: response.status, type, lines: lines.map((line) => JSON.parse(line)) };
}

/** An open batch, whose lines are sent and read one by one. */
async function openBatch({ app }: Awaited<ReturnType<typeof createWorld>>) {
  const url = `${await app.listen({ port: 0 })}/v1/commands:batch`;
  const sending = request(url, { method: 'POST', headers });
  sending.on('error', () => {});
  onTestFinished(() => void sending.destroy());
  const response = once(sending, 'response');
  response.catch(() => {});
  sending.flushHeaders();
  return {
    sending,
    async lines() {
      const [incoming] = await response;
      return createInterface({ input: incoming })[Symbol.asyncIterator]();
    },
  };
}

test('a batch has an outcome for each line, in their order', async () => {
  const { app, commands } = await createWorld();
  const payload = ndjson({ ...command, request_id: 'r1' }, '{', { ...command, device_id: '' }, '[]', '', {
    ...command,
    request_id: 'r2',
    device_id: 'd2',
  });
  const answer = await post(app, payload);
  expect([answer.status, answer.type]).toEqual([200, 'application/x-ndjson']);
  expect(answer.lines).toMatchObject([
    { status: 202, request_id: 'r1', device_id: 'd1', state: 'published', topic: 'device_commands' },
    { status: 400, code: 'VALIDATION_FAILED' },
    { status: 400, code: 'VALIDATION_FAILED', issues: [{ path: 'device_id' }] },
    { status: 400, code: 'VALIDATION_FAILED' },
    { status: 400, code: 'VALIDATION_FAILED' },
    { status: 202, request_id: 'r2', device_id: 'd2' },
  ]);
  expect(commands().map(({ request_id }) => request_id)).toEqual(['r1', 'r2']);
});

test('a line is answered while the batch goes on', async () => {
  const { sending, lines } = await openBatch(await createWorld());
  sending.write(ndjson({ ...command, request_id: 'r1' }));
  const outcomes = await lines();
  expect(JSON.parse(String((await outcomes.next()).value))).toMatchObject({ request_id: 'r1' });
  sending.write(ndjson('?'));
  expect(JSON.parse(String((await outcomes.next()).value))).toMatchObject({ status: 400 });
  sending.end(ndjson({ ...command, request_id: 'r2' }));
  expect(JSON.parse(String((await outcomes.next()).value))).toMatchObject({ request_id: 'r2' });
  expect((await outcomes.next()).done).toBe(true);
});

test('a batch is not read on while its outcomes are not read', async () => {
  const world = await createWorld();
  const { sending } = await openBatch(world);
  const line = ndjson({ ...command, payload: {} });
  const chunk = line.repeat(500);
  // Far more than the buffers of both sides hold.
  const total = 200_000;
  let sent = 0;
  const isStuck = Promise.withResolvers<void>();
  (async () => {
    for (; sent < total; sent += 500) {
      if (sending.write(chunk)) continue;
      const drained = once(sending, 'drain').then(() => 'drained');
      const later = new Promise((resolve) => setTimeout(resolve, 1_500, 'stuck'));
      if ((await Promise.race([drained, later])) === 'stuck') return isStuck.resolve();
    }
    isStuck.reject(new Error('everything was read'));
  })();
  await isStuck.promise;
  expect(sent).toBeLessThan(total);
});

test('a batch of any length is answered line by line', async () => {
  const { sending, lines } = await openBatch(await createWorld());
  const total = 3_000;
  const all = Array.from({ length: total }, (_, index) => ndjson({ ...command, request_id: `r${index}` }));
  Readable.from(all).pipe(sending);
  let next = 0;
  for await (const line of await lines()) {
    expect(JSON.parse(line)).toMatchObject({ status: 202, request_id: `r${next}` });
    next += 1;
  }
  expect(next).toBe(total);
});

test('a stopping gateway answers what it has read, and ends the batch', async () => {
  const world = await createWorld();
  const { sending, lines } = await openBatch(world);
  sending.write(ndjson({ ...command, request_id: 'r1' }));
  const outcomes = await lines();
  expect(JSON.parse(String((await outcomes.next()).value))).toMatchObject({ request_id: 'r1' });
  world.stopping.abort();
  expect((await outcomes.next()).done).toBe(true);
});

test('the policy decides for each line', async () => {
  const rule = { name: 'one', subjects: [{ key: '*' }], actions: ['push'], devices: { ids: ['d1'] } };
  const authorizer = createAuthorizer(createPolicy({ rules: [rule] }));
  const authenticate = async () => ({ id: 'key:k', keyId: 'k' });
  const { app, commands } = await createWorld({ parts: { authorizer, authenticate } });
  const payload = ndjson(command, { ...command, device_id: 'd2' });
  const answer = await post(app, payload);
  expect(answer.lines).toMatchObject([{ status: 202 }, { status: 403, code: 'FORBIDDEN' }]);
  expect(commands()).toMatchObject([{ device_id: 'd1', issued_by: 'key:k' }]);
});

test('a batch of another type is refused', async () => {
  const { app } = await createWorld();
  const types = { 'content-type': 'text/plain' };
  const answer = await post(app, '{}', types);
  expect(answer.status).toBe(415);
});

test('a batch beyond the limit of its caller is read more slowly, and pushed to its end', async () => {
  const { app } = await createWorld({ limits: { requestsPerSecond: 10 } });
  const lines = Array.from({ length: 15 }, (_, index) => ({ ...command, request_id: `r${index}` }));
  const answer = await post(app, ndjson(...lines));
  expect(answer.lines.map(({ status }) => status)).toEqual(Array.from({ length: 15 }, () => 202));
});
