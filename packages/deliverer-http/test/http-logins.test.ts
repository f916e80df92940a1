import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ConfigurationError } from '@preservarium/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loginsFromFile } from '../src/index.js';
import { deliverTo } from './http-deliver-to.js';

interface Device {
  readonly baseUrl: string;
  /** The value of `Authorization` of each request. */
  readonly seen: (string | undefined)[];
  /** Bodies of the requests that were let in. */
  readonly executed: string[];
}

/** A device that lets a request in, or answers 401 with a challenge. */
async function startDevice(
  challengeOf: () => string | string[],
  isLetIn: (request: IncomingMessage, body: Buffer) => boolean,
): Promise<Device> {
  const seen: (string | undefined)[] = [];
  const executed: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    seen.push(request.headers.authorization);
    if (isLetIn(request, body)) {
      executed.push(body.toString());
      response.end('{"on":true}');
    } else response.writeHead(401, { 'www-authenticate': challengeOf() }).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`, seen, executed };
}

const login = { username: 'Ünal', password: 'Kreis "des" Lebens' };
const payload = { on: true };
const letIn = { kind: 'delivered', result: { on: true } };

test('Basic is in the first request', async () => {
  const expected = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  const device = await startDevice(
    () => 'Basic realm="x"',
    ({ headers }) => headers.authorization === expected,
  );
  const deliver = await deliverTo(device.baseUrl, { loginOf: () => ({ scheme: 'basic', ...login }) });
  expect(await deliver({ payload })).toMatchObject(letIn);
  expect(device.seen).toEqual([expected]);
});

test('Bearer is in the first request, and a token that is wrong is rejected with what the device wants', async () => {
  const device = await startDevice(
    () => 'Bearer realm="x"',
    ({ headers }) => headers.authorization === 'Bearer good.token==',
  );
  const deliver = await deliverTo(device.baseUrl, {
    loginOf: (deviceId) => ({ scheme: 'bearer', token: deviceId === 'lamp-7' ? 'good.token==' : 'bad' }),
  });
  expect(await deliver({ payload })).toMatchObject(letIn);
  expect(await deliver({ payload, deviceId: 'lamp-8' })).toEqual({
    kind: 'rejected',
    reason: 'answered 401, it wants a login with Bearer',
  });
});

/** Checks an answer of Digest as RFC 7616, section 3.4.1 has it, and that no count of a nonce comes twice. */
function createDigestCheck(algorithm: 'MD5' | 'SHA-256', qop: string, password = login.password) {
  const counts = new Set<string>();
  const hash = (content: string | Buffer) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(content)
      .digest('hex');
  return ({ headers, method, url }: IncomingMessage, body: Buffer, nonce: string): boolean => {
    const fields = Object.fromEntries(
      [...(headers.authorization ?? '').matchAll(/([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))/g)].map(
        ([, name, quoted, token]) => [name, quoted?.replace(/\\(.)/g, '$1') ?? token],
      ),
    );
    if (fields.nonce !== nonce || fields.uri !== url || counts.has(`${nonce}:${fields.nc}`)) return false;
    counts.add(`${nonce}:${fields.nc}`);
    const user = hash(
      `${decodeURIComponent(fields['username*']?.replace("UTF-8''", '') ?? '')}:${fields.realm}:${password}`,
    );
    const secret = fields.algorithm?.endsWith('-sess') ? hash(`${user}:${nonce}:${fields.cnonce}`) : user;
    const request = hash(fields.qop === 'auth-int' ? `${method}:${url}:${hash(body)}` : `${method}:${url}`);
    const use = fields.qop === undefined ? nonce : `${nonce}:${fields.nc}:${fields.cnonce}:${fields.qop}`;
    return (fields.qop ?? '') === qop && fields.response === hash(`${secret}:${use}:${request}`);
  };
}

describe('Digest', () => {
  test.each([
    ['MD5', 'auth', 'algorithm=MD5, qop="auth"'],
    ['SHA-256', 'auth', 'algorithm=SHA-256, qop="auth, auth-int"'],
    ['MD5', 'auth', 'algorithm=MD5-sess, qop="auth"'],
    ['SHA-256', 'auth-int', 'algorithm=SHA-256, qop="auth-int"'],
    ['MD5', '', 'stale=false'],
  ] as const)(
    'with %s and qop "%s": the device executes each command once',
    async (algorithm, qop, parameters) => {
      const isRight = createDigestCheck(algorithm, qop);
      const device = await startDevice(
        () => `Digest realm="re\\"alm", nonce="n1", ${parameters}`,
        (request, body) => isRight(request, body, 'n1'),
      );
      const deliver = await deliverTo(device.baseUrl, { loginOf: () => ({ scheme: 'digest', ...login }) });
      expect(await deliver({ payload, path: 'led?x=1' })).toMatchObject(letIn);
      expect(device.seen[0]).toBeUndefined();
      expect(device.executed).toEqual(['{"on":true}']);
      if (qop === '') return;
      await Promise.all([deliver({ payload }), deliver({ payload })]);
      expect(device.executed).toHaveLength(3);
      // One challenge is enough.
      expect(device.seen).toHaveLength(4);
    },
  );

  test('a new nonce is taken up', async () => {
    let nonce = 'n1';
    const isRight = createDigestCheck('SHA-256', 'auth');
    const device = await startDevice(
      () => `Digest realm="x", nonce="${nonce}", qop=auth, algorithm=SHA-256, stale=true`,
      (request, body) => isRight(request, body, nonce),
    );
    const deliver = await deliverTo(device.baseUrl, { loginOf: () => ({ scheme: 'digest', ...login }) });
    expect(await deliver({ payload })).toMatchObject(letIn);
    nonce = 'n2';
    expect(await deliver({ payload })).toMatchObject(letIn);
    expect(device.executed).toHaveLength(2);
  });

  test.each([
    ['a nonce that stays', () => 'n1'],
    ['a new nonce each time', (count: number) => `n${count}`],
  ])('a wrong password is rejected after two requests, with %s', async (_, nonceOf) => {
    let count = 0;
    const device = await startDevice(
      () => `Digest realm="x", nonce="${nonceOf(count++)}", qop=auth`,
      () => false,
    );
    const deliver = await deliverTo(device.baseUrl, { loginOf: () => ({ scheme: 'digest', ...login }) });
    expect(await deliver({ payload })).toEqual({
      kind: 'rejected',
      reason: 'answered 401, it wants a login with Digest',
    });
    expect(device.seen).toHaveLength(2);
  });
});

describe('a file of logins', () => {
  function fileWith(text: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'logins-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'logins.yaml'), text);
    return join(folder, 'logins.yaml');
  }

  test('has one for a device or for a prefix', () => {
    const loginOf = loginsFromFile(
      fileWith(
        'lamp-7: {scheme: bearer, token: t7}\ncam-*: {scheme: digest, username: admin, password: "0007"}\n',
      ),
    );
    expect(loginOf('lamp-7')).toEqual({ scheme: 'bearer', token: 't7' });
    expect(loginOf('cam-1')).toEqual({ scheme: 'digest', username: 'admin', password: '0007' });
    expect(loginOf('lamp-8')).toBeUndefined();
  });

  test.each([
    ['a: {scheme: ntlm, username: u, password: secret-1}', 'scheme must be basic, digest or bearer'],
    ['a: {scheme: basic, username: u}', 'basic needs username and password'],
    ['a: {scheme: basic, username: "u:v", password: secret-1}', 'username must have no ":"'],
    ['a: {scheme: bearer, token: "secret-1 x"}', 'bearer needs a token'],
    ['a: secret-1', 'a login is an object with a scheme'],
  ])('%s is refused, without its secret', (text, problem) => {
    const read = () => loginsFromFile(fileWith(text));
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(`device "a": ${problem}`);
    expect(read).not.toThrow('secret-1');
  });
});

test('a login that a program gives and that is none is rejected with what is wrong', async () => {
  const device = await startDevice(
    () => 'Basic',
    () => true,
  );
  const deliver = await deliverTo(device.baseUrl, { loginOf: () => ({ scheme: 'bearer', token: 'a\nb' }) });
  expect(await deliver({ payload })).toMatchObject({
    kind: 'rejected',
    reason: expect.stringContaining('the login of the device is not valid: bearer needs a token'),
  });
  expect(device.seen).toEqual([]);
});
