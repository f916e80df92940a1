import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '@preservarium/core';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { certificatesFromFile, type HttpCertificate } from '../src/index.js';
import { deliverTo } from './http-deliver-to.js';

type Pair = Pick<HttpCertificate, 'cert' | 'key'>;

const dayMs = 24 * 3_600_000;
let folder: string;
let authority: Pair;
let server: Pair;
let ofLamp: Pair;
let ofCamera: Pair;
let ofStranger: Pair;
let expired: Pair;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const caExtensions = [{ name: 'basicConstraints' as const, cA: true, critical: true }];
  const make = async (name: string, issuer?: Pair, fromMs = -dayMs): Promise<Pair> => {
    const made = await generate([{ name: 'commonName', value: name }], {
      algorithm: 'sha256',
      notBeforeDate: new Date(Date.now() + fromMs),
      notAfterDate: new Date(Date.now() + fromMs + 2 * dayMs),
      ...(issuer === undefined
        ? { extensions: caExtensions }
        : { ca: issuer, extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }] }),
    } as Parameters<typeof generate>[1]);
    return { cert: made.cert, key: made.private };
  };
  authority = await make('authority');
  server = await make('server', authority);
  ofLamp = await make('lamp', authority);
  ofCamera = await make('camera', authority);
  ofStranger = await make('stranger', await make('another authority'));
  expired = await make('expired', authority, -5 * dayMs);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A device that lets no client in but those with a certificate of the authority. It answers with the name in it. */
async function startDevice(version: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3'): Promise<string> {
  const device = createServer(
    {
      ...server,
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
    },
    (request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify((request.socket as TLSSocket).getPeerCertificate().subject.CN));
    },
  );
  await once(device.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    device.closeAllConnections();
    device.close();
  });
  return `https://127.0.0.1:${(device.address() as AddressInfo).port}/`;
}

function fileWith(content: unknown): string {
  const path = join(mkdtempSync(join(folder, 'file-')), 'certificates.yaml');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const refused = (reason: string) => ({
  kind: 'retryable',
  unreachable: true,
  reason: expect.stringContaining(reason),
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a device that wants a client certificate, with %s',
  (version) => {
    test('lets each device in by its own, side by side at one address', async () => {
      const baseUrl = await startDevice(version);
      const path = fileWith({ 'lamp-*': ofLamp, 'cam-1': ofCamera });
      const deliver = await deliverTo(baseUrl, {
        tls: { ca: authority.cert },
        certificateOf: certificatesFromFile(path),
      });
      const names = await Promise.all(
        ['lamp-1', 'cam-1', 'lamp-2', 'cam-1'].map(async (deviceId) => deliver({ deviceId })),
      );
      expect(names).toMatchObject(['lamp', 'camera', 'lamp', 'camera'].map((result) => ({ result })));
    });

    test('refuses a wrong one, and none', async () => {
      const baseUrl = await startDevice(version);
      const path = fileWith({ 'lamp-7': ofStranger, 'cam-1': ofCamera });
      const deliver = await deliverTo(baseUrl, {
        tls: { ca: authority.cert },
        certificateOf: certificatesFromFile(path),
      });
      expect(await deliver()).toMatchObject(
        refused(`; the client certificate is that of device "lamp-7" in the certificates file ${path}`),
      );
      expect(await deliver({ deviceId: 'door' })).toMatchObject(
        refused('; no client certificate is set for the device'),
      );
      expect(await deliver({ deviceId: 'cam-1' })).toMatchObject({ result: 'camera' });
      // Its connections and sessions are of no use to others.
      expect(await deliver()).toMatchObject({ kind: 'retryable' });
    });
  },
);

test('a certificate of a device goes before that of all', async () => {
  const baseUrl = await startDevice();
  const deliver = await deliverTo(baseUrl, {
    tls: { ca: authority.cert, ...ofLamp },
    certificateOf: (deviceId) => (deviceId === 'cam-1' ? ofCamera : undefined),
  });
  expect(await deliver()).toMatchObject({ result: 'lamp' });
  expect(await deliver({ deviceId: 'cam-1' })).toMatchObject({ result: 'camera' });
  expect(await deliver()).toMatchObject({ result: 'lamp' });
});

test('a certificate that is renewed in the file is used, without a new start', async () => {
  const baseUrl = await startDevice();
  const path = fileWith({ 'lamp-7': ofLamp });
  const deliver = await deliverTo(baseUrl, {
    tls: { ca: authority.cert },
    certificateOf: certificatesFromFile(path),
  });
  expect(await deliver()).toMatchObject({ result: 'lamp' });
  writeFileSync(path, JSON.stringify({ 'lamp-7': ofCamera }));
  await expect.poll(() => deliver(), { timeout: 60_000 }).toMatchObject({ result: 'camera' });
});

test('a certificate that has expired is named, with its file and date', async () => {
  const baseUrl = await startDevice();
  const path = fileWith({ 'lamp-7': expired, 'cam-1': ofCamera });
  const deliver = await deliverTo(baseUrl, {
    tls: { ca: authority.cert },
    certificateOf: certificatesFromFile(path),
  });
  const reason = `the certificate of device "lamp-7" in the certificates file ${path} expired on `;
  expect(await deliver()).toMatchObject(refused(reason));
  expect(await deliver({ deviceId: 'cam-1' })).toMatchObject({ result: 'camera' });
});

describe("Python's TLS server", () => {
  let python: ChildProcess;
  let baseUrl: string;
  beforeAll(async () => {
    for (const [name, text] of Object.entries({ ...server, ca: authority.cert })) {
      writeFileSync(join(folder, `${name}.pem`), text);
    }
    const script = fileURLToPath(new URL('http-tls-peer.py', import.meta.url));
    python = spawn('python3', [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = await once(python.stdout ?? python, 'data');
    baseUrl = `https://127.0.0.1:${Number(port)}/`;
  });
  afterAll(async () => {
    const ended = once(python, 'exit');
    python.kill();
    await ended;
  });

  test.each([
    ['the right certificate', () => ofLamp, { result: 'lamp' }],
    ['a wrong one', () => ofStranger, refused('; the client certificate is that of certificateOf')],
    ['none', () => undefined, refused('; no client certificate is set for the device')],
  ])('with %s', async (_, certificateOf, expected) => {
    const deliver = await deliverTo(baseUrl, { tls: { ca: authority.cert }, certificateOf });
    expect(await deliver()).toMatchObject(expected);
  });
});

describe('a file of certificates is refused, without its secrets', () => {
  const broken = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0LTE=\n-----END PRIVATE KEY-----';
  test.each<[string, () => unknown]>([
    ['a certificate is an object with cert and key', () => 'secret-1'],
    ['cert and key must both be there', () => ({ cert: ofLamp.cert })],
    ['"ca" is not one of cert, key and passphrase', () => ({ ...ofLamp, ca: 'secret-1' })],
    ['cert is no certificate: ', () => ({ ...ofLamp, cert: 'secret-1' })],
    ['key is no private key: ', () => ({ ...ofLamp, key: broken })],
    ['key is not the key of the certificate of cert', () => ({ ...ofLamp, key: ofCamera.key })],
  ])('%s', (problem, entryOf) => {
    const path = fileWith({ 'lamp-7': entryOf() });
    const read = () => certificatesFromFile(path);
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(`certificates file ${path}: device "lamp-7": ${problem}`);
    expect(read).not.toThrow(/secret-1|c2VjcmV0LTE/);
  });
});
