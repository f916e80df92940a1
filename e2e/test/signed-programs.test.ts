import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connectorArguments, startConnector } from '@preservarium/connector-process/testing';
import { readDeadLetter } from '@preservarium/dead-letters';
import { createTestTopic, readTopic } from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
const program = (name: string) => new URL(`../../apps/${name}/dist/main.js`, import.meta.url);

/** The bodies of the requests that came to the devices. */
async function startDevices() {
  const received: string[] = [];
  const server = createServer(async (request, response) => {
    received.push(await text(request));
    response.writeHead(204).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { received, directory: `http://127.0.0.1:${port}/{deviceId}` };
}

function createFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'pusher-signed-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  async function pusher(...args: readonly string[]) {
    const { PATH, KAFKA_BOOTSTRAP_SERVERS = kafka.brokers.join(',') } = process.env;
    const child = spawn(process.execPath, [program('cli').pathname, ...args], {
      cwd: folder,
      env: { PATH, KAFKA_BOOTSTRAP_SERVERS },
    });
    const [stdout, stderr, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  }
  return { folder, path: (name: string) => join(folder, name), pusher };
}

test('programs sign and verify by environment, with the policy of the gateway, and change their keys', async () => {
  const { folder, path, pusher } = createFolder();
  const devices = await startDevices();
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const create = (issuer: string, id: string, ...more: readonly string[]) =>
    pusher(
      'signing',
      'create',
      issuer,
      '--id',
      id,
      '--key',
      `${id}.json`,
      '--trusted',
      'trusted.yaml',
      ...more,
    );
  await create('dashboard', 'dashboard-1', '--algorithm', 'HS256');
  await create('operator', 'operator-1');
  const rules = [
    { name: 'lamps', subjects: [{ key: 'dashboard' }], actions: ['push', 'cancel'], commands: ['set_led'] },
    { name: 'all', subjects: [{ key: 'operator' }], actions: ['push', 'redrive'] },
  ];
  writeFileSync(path('policy.yaml'), JSON.stringify({ rules }));
  await using connector = startConnector(
    program('http-connector'),
    [...connectorArguments(topic), '--http-device-directory', devices.directory, '--signatures', 'enforce'],
    {
      environment: {
        CONNECTOR_TRUSTED_KEYS: path('trusted.yaml'),
        CONNECTOR_POLICY: path('policy.yaml'),
        CONNECTOR_SETTINGS: 'off',
        HTTP_EVIDENCE: 'device',
      },
    },
  );
  await connector.until('/readyz', ({ status }) => status === 200);
  const push = (type: string, note: number, key?: string) =>
    pusher(
      ...['push', '--device', 'lamp-1', '--type', type, '--protocol', 'http', '--command-topic', topic],
      ...['--payload', `{"note":${note}}`, ...(key === undefined ? [] : ['--signing-key', key])],
    );
  const letters = async () =>
    (await readTopic(kafka, `${topic}-dead`)).flatMap((record) => {
      const read = readDeadLetter({ ...record, topic: `${topic}-dead` });
      return read.ok ? [read.letter.reason] : [];
    });

  await push('set_led', 1);
  await push('unlock', 2, 'dashboard-1.json');
  await push('set_led', 3, 'dashboard-1.json');
  await push('unlock', 4, 'operator-1.json');
  await expect.poll(() => devices.received).toEqual(['{"note":3}', '{"note":4}']);
  expect(await letters()).toEqual(['unsigned', 'not-allowed']);

  await create('dashboard', 'dashboard-2');
  await rename(join(folder, 'dashboard-2.json'), join(folder, 'dashboard-1.json'));
  await expect
    .poll(async () => {
      await push('set_led', 5, 'dashboard-1.json');
      return devices.received.at(-1);
    })
    .toBe('{"note":5}');
  await pusher('signing', 'deny', 'operator-1', '--trusted', 'trusted.yaml');
  expect(await pusher('signing', 'list', '--trusted', 'trusted.yaml')).toBe(
    'dashboard-1\tdashboard\tHS256\ttrusted\noperator-1\toperator\tEd25519\tdenied\ndashboard-2\tdashboard\tEd25519\ttrusted\n',
  );
  await expect
    .poll(async () => {
      await push('set_led', 6, 'operator-1.json');
      return (await letters()).at(-1);
    })
    .toBe('wrong-key');
});
