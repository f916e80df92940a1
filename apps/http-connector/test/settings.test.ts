import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startConnector } from '@preservarium/connector-process/testing';
import { afterAll, expect, test } from 'vitest';

const main = new URL('../dist/main.js', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'http-connector-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const otherPem = join(folder, 'other.pem');
writeFileSync(otherPem, '-----BEGIN OTHER-----\nAAAA\n-----END OTHER-----\n');

const directory = { HTTP_DEVICE_DIRECTORY: 'https://gateway.example/devices/{deviceId}' };

test.each([
  [{}, 'HTTP_DEVICE_DIRECTORY is not set, and must be; for example HTTP_DEVICE_DIRECTORY=https://'],
  [
    { HTTP_DEVICE_DIRECTORY: 'https://{device}.example' },
    'HTTP_DEVICE_DIRECTORY: .* has no {deviceId}: .*; for example HTTP_DEVICE_DIRECTORY=https://',
  ],
  [
    { HTTP_DEVICE_DIRECTORY: 'nowhere.yaml' },
    'HTTP_DEVICE_DIRECTORY: device directory nowhere.yaml: cannot be read: ENOENT',
  ],
  [
    { ...directory, HTTP_SIGNING_SECRET: 'hunter2' },
    'HTTP_SIGNING_SECRET: must be whsec_ .*; for example HTTP_SIGNING_SECRET_FILE=/run/secrets/',
  ],
  [{ ...directory, HTTP_EVIDENCE: 'broker' }, 'HTTP_EVIDENCE is "broker": must be one of gateway, device'],
  [
    { ...directory, HTTP_CERT: '-----BEGIN CERTIFICATE-----' },
    'HTTP_CERT is set and HTTP_KEY is not; a client certificate needs both',
  ],
  [{ ...directory, HTTP_CA_FILE: otherPem }, `HTTP_CA_FILE, the file ${otherPem}, is no certificate: `],
  [
    { ...directory, HTTP_CERT_FILE: otherPem, HTTP_KEY_FILE: otherPem },
    `HTTP_CERT_FILE, the file ${otherPem}, is no certificate: `,
  ],
  [
    { ...directory, HTTP_CA_FILE: 'nowhere.pem' },
    'HTTP_CA_FILE names the file nowhere.pem, which cannot be read: ENOENT',
  ],
])('wrong settings are one line that names the variable: %j', async (environment, message) => {
  await using connector = startConnector(main, [], { environment });
  const { exitCode, stderr } = await connector.ended;
  expect(stderr).toMatch(new RegExp(`^http-connector: CONFIGURATION_INVALID: ${message}.*\n$`));
  expect(stderr).not.toContain('hunter2');
  expect(exitCode).toBe(2);
});
