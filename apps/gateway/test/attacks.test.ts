import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createApiKey } from '@preservarium/access';
import { createTestTopic, readTopic } from '@preservarium/dev-services';
import { describe, expect, test } from 'vitest';
import { newFolder, startGateway } from './start-gateway.js';

const kafka = { brokers: [String(process.env.KAFKA_BOOTSTRAP_SERVERS)] };
const command = { device_id: 'lamp-1', command_type: 'set_led', protocol: 'mqtt', payload: { on: true } };

/** A gateway with the key `root`, which may do everything, and `guest`, which may push to and read of lamps. */
async function startGuarded() {
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const folder = newFolder();
  const [root, guest] = [createApiKey('root'), createApiKey('guest')];
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [root.entry, guest.entry] }));
  const rules = [
    { name: 'root', subjects: [{ key: 'root' }], actions: ['push', 'read', 'cancel'] },
    {
      name: 'lamps',
      subjects: [{ key: 'guest' }],
      devices: { prefixes: ['lamp-'] },
      actions: ['push', 'read'],
    },
  ];
  writeFileSync(join(folder, 'policy.json'), JSON.stringify({ rules }));
  const args = ['--keys', join(folder, 'keys.json'), '--policy', join(folder, 'policy.json')];
  const gateway = await startGateway({ topic, folder, args });
  const port = Number(new URL(gateway.url).port);
  const ask = (key: string, path: string, init: RequestInit = {}) =>
    fetch(`${gateway.url}${path}`, {
      ...init,
      headers: { 'x-api-key': key, 'content-type': 'application/json', ...init.headers },
    });
  return {
    gateway,
    keys: { root: root.text, guest: guest.text },
    ask,
    push: (key: string, body: unknown, path = '/v1/commands') =>
      ask(key, path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
    /** Sends bytes on a connection of its own, and resolves with all that is answered until the gateway closes it. */
    send(bytes: string): Promise<string> {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(bytes);
      return text(socket).catch(() => '');
    },
    devices: async () =>
      (await readTopic(kafka, topic)).map(({ value }) => JSON.parse(String(value)).device_id as string),
  };
}

describe('a client attacks the gateway', () => {
  test('with requests that a proxy may read in another way: none hides a second one', async () => {
    const { gateway, keys, send, devices } = await startGuarded();
    const body = JSON.stringify({ ...command, device_id: 'lamp-smuggled' });
    const hidden = `POST /v1/commands HTTP/1.1\r\nhost: x\r\nx-api-key: ${keys.guest}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const start = `POST /v1/commands HTTP/1.1\r\nhost: x\r\n`;
    const answers = await Promise.all(
      [
        `${start}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
        `${start}content-length: 0\r\ncontent-length: 5\r\n\r\n${hidden}`,
        `${start}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
        `${start}transfer-encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`,
        `${start}transfer-encoding: chunked\r\n\r\n0;\nx\r\n\r\n${hidden}`,
        `${start}transfer-encoding: chunked\r\n\r\nfffffffffffffffff1\r\n${hidden}`,
        `${start}x: a\n\n${hidden}`,
        `${start}x: a\r\n\tcontent-length: 0\r\nx y: z\r\n\r\n${hidden}`,
        `${start}x: a\u0000b\r\n\r\n${hidden}`,
        `GET /v1/commands HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n${hidden}`,
      ].map(send),
    );
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(await devices()).toEqual([]);
    expect(await gateway.kill('SIGTERM')).toEqual({ exitCode: 0, stderr: '' });
  });

  test('without a key, by other spellings of a path: nothing is read or pushed', async () => {
    const { send, devices } = await startGuarded();
    const body = JSON.stringify(command);
    const paths = [
      '/v1/commands',
      '/v1/commands/',
      '//v1/commands',
      '/V1/commands',
      '/v1/./commands',
      '/healthz/../v1/commands',
      '/healthz/..%2fv1/commands',
      '/v1%2fcommands',
      '/v1/commands;x=1',
      '/v1/commands%00',
      'http://127.0.0.1/v1/commands',
      '/assets/../v1/commands',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/api/v1/commands',
      '/api/v1/commands/batch',
      '/api/v1/health/../commands',
    ];
    for (const path of paths) {
      for (const method of ['POST', 'GET', 'HEAD', 'OPTIONS']) {
        const request = `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
        expect(await send(request), `${method} ${path}`).toMatch(/^HTTP\/1\.1 40[0145] /);
      }
    }
    expect(await devices()).toEqual([]);
  });

  test('with keys that are nearly right: 401', async () => {
    const { keys, ask } = await startGuarded();
    const { root } = keys;
    const wrong = ['x', root.slice(0, -1), `${root}x`, root.toUpperCase(), `${root},${root}`, 'a.b.c'];
    for (const key of wrong) {
      expect((await ask(key, '/v1/commands')).status).toBe(401);
      const headers = { 'x-api-key': '', authorization: `Bearer ${key}` };
      expect((await ask(key, '/v1/commands', { headers })).status).toBe(401);
    }
    const headers = { 'x-api-key': 'x', authorization: `Bearer ${root}` };
    expect((await ask('x', '/v1/commands', { headers })).status).toBe(401);
  });

  test('past the policy, by other spellings of a device: the device of the policy is the one of the command', async () => {
    const { keys, ask, push, devices } = await startGuarded();
    const devicesTried = ['pump', 'LAMP-1', ' lamp-1', '\u200blamp-1', 'pump/lamp-', ['lamp-1'], { a: 1 }];
    for (const device_id of devicesTried) {
      expect([400, 403]).toContain((await push(keys.guest, { ...command, device_id })).status);
      const { commands } = { commands: [{ ...command, device_id }] };
      const batch = await push(keys.guest, { commands }, '/api/v1/commands/batch');
      expect(await batch.json()).toMatchObject({ successful: 0 });
    }
    const twice = `{"device_id":"lamp-1","device_id":"pump","command_type":"x","protocol":"mqtt"}`;
    expect((await push(keys.guest, twice)).status).toBe(403);
    const proto = `{"__proto__":{"device_id":"lamp-1"},"device_id":"pump","command_type":"x","protocol":"mqtt"}`;
    expect([400, 403]).toContain((await push(keys.guest, proto)).status);
    for (const topic of [
      'devices/pump/commands',
      'devices/lamp-1/commands/r/response',
      'devices/+/commands',
    ]) {
      expect((await push(keys.guest, { ...command, topic })).status, topic).toBe(400);
    }
    expect((await push(keys.root, { ...command, device_id: 'pump', request_id: 'r1' })).status).toBe(202);
    for (const query of [
      '',
      '?device=pump',
      '?device=%70ump',
      '?device=lamp-1&device=pump',
      '?device[]=pump',
    ]) {
      expect([400, 404], query).toContain((await ask(keys.guest, `/v1/commands/r1${query}`)).status);
    }
    const cancel = await ask(keys.guest, '/v1/commands/r1%3Acancel?device=pump', {
      method: 'POST',
      body: '{}',
    });
    expect(cancel.status).toBe(404);
    expect(await devices()).toEqual(['pump']);
  });

  test('with the idempotency key of another caller, and with one key many times at once', async () => {
    const { keys, ask, devices } = await startGuarded();
    const pushAs = async (key: string, body: object = command) => {
      const headers = { 'idempotency-key': 'k1' };
      const answer = await ask(key, '/v1/commands', { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: answer.status, id: ((await answer.json()) as { request_id?: string }).request_id };
    };
    const own = await Promise.all(Array.from({ length: 20 }, () => pushAs(keys.root)));
    expect(new Set(own.map(({ status, id }) => `${status} ${id}`))).toEqual(new Set(['202 k1']));
    const other = await pushAs(keys.guest);
    expect(other.status).toBe(202);
    expect(other.id).not.toBe('k1');
    expect((await pushAs(keys.guest, { ...command, payload: {} })).status).toBe(409);
    // Once for each caller.
    expect(await devices()).toEqual(['lamp-1', 'lamp-1']);
  });

  test('with bodies that are nested, endless, packed or too large, and the next request is served', async () => {
    const { gateway, keys, push, send, ask } = await startGuarded();
    const head = `POST /v1/commands HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-api-key: ${keys.root}\r\ncontent-type: application/json\r\n`;
    for (const body of [
      '['.repeat(500_000),
      `{"payload":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
      `{"payload":{"a":[${'1e999,'.repeat(150_000)}0]}}`,
      'x'.repeat(1_048_577),
    ]) {
      expect([400, 413]).toContain((await push(keys.root, body)).status);
      expect([400, 413]).toContain((await push(keys.root, body, '/api/v1/commands/batch')).status);
    }
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    expect(await send(`${head}transfer-encoding: chunked\r\n\r\n${chunk.repeat(20)}`)).toMatch(/ 413 /);
    const packed = { 'content-encoding': 'gzip' };
    const answer = await ask(keys.root, '/v1/commands', { method: 'POST', body: 'x', headers: packed });
    expect(answer.status).toBe(415);
    expect((await push(keys.root, command)).status).toBe(202);
    expect((await gateway.kill('SIGTERM')).exitCode).toBe(0);
  });

  test('with requests that do not end: 408, and others are served meanwhile', {
    timeout: 28_000,
  }, async () => {
    const { keys, push, send } = await startGuarded();
    const slow = Array.from({ length: 200 }, () => send('GET /v1/commands HTTP/1.1\r\nhost: x\r\nx-'));
    expect((await push(keys.root, command)).status).toBe(202);
    for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('with streams that nobody reads: the gateway goes on', async () => {
    const { gateway, keys, push } = await startGuarded();
    const port = Number(new URL(gateway.url).port);
    const streams = Array.from({ length: 100 }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.pause();
      socket.write(`GET /v1/events HTTP/1.1\r\nhost: x\r\nx-api-key: ${keys.guest}\r\n\r\n`);
      return socket;
    });
    await Promise.all(streams.map((socket) => once(socket, 'connect')));
    const statuses = new Set<number>();
    for (let index = 0; index < 50; index++) {
      const { status } = await push(keys.root, { ...command, payload: { filler: 'x'.repeat(50_000) } });
      statuses.add(status);
    }
    expect(statuses).toEqual(new Set([202]));
    for (const socket of streams) socket.destroy();
    expect((await gateway.kill('SIGTERM')).exitCode).toBe(0);
  });
});
