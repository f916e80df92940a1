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

test('settings need the signature of a key that the policy allows, at connectors and at the terminal', async () => {
  const { path, pusher } = createFolder();
  const devices = await startDevices();
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const ofTopics = ['--command-topic', topic, '--settings-topic', `${topic}-settings`];
  const set = (patch: object, ...more: readonly string[]) =>
    pusher(
      ...['settings', 'set', 'lamp-1', JSON.stringify(patch), '--protocol', 'http', ...ofTopics],
      ...['--reported-topic', `${topic}-reported`, ...more],
    );
  for (const issuer of ['app', 'guest', 'connector']) {
    await pusher('signing', 'create', issuer, '--key', `${issuer}.json`, '--trusted', 'trusted.yaml');
  }
  const rules = [
    { name: 'all', subjects: [{ key: 'app' }, { key: 'connector' }], actions: ['push'] },
    { name: 'brightness', subjects: [{ key: 'guest' }], actions: ['push'], settings: ['brightness'] },
  ];
  writeFileSync(path('policy.yaml'), JSON.stringify({ rules }));
  const start = (mode: string) =>
    startConnector(
      program('http-connector'),
      [...connectorArguments(topic), '--http-device-directory', devices.directory, '--signatures', mode],
      {
        environment: {
          CONNECTOR_TRUSTED_KEYS: path('trusted.yaml'),
          CONNECTOR_POLICY: path('policy.yaml'),
          PUSHER_SIGNING_KEY: path('connector.json'),
          HTTP_EVIDENCE: 'device',
          OTEL_METRICS_EXPORTER: 'prometheus',
        },
      },
    );
  const counted = async (connector: ReturnType<typeof start>) => {
    const lines = (await connector.scrape()).split('\n');
    const outcomes = lines.flatMap((line) => {
      const [, outcome, count] =
        /^pusher_settings_signatures_checked_total\{.*outcome="([\w-]+)".*\} (\d+)/.exec(line) ?? [];
      return outcome === undefined || count === '0' ? [] : [[outcome, Number(count)] as const];
    });
    return Object.fromEntries(outcomes);
  };

  await set({ unsigned: 1 });
  {
    await using reporting = start('report');
    await reporting.until('/readyz', ({ status }) => status === 200);
    await expect.poll(() => devices.received).toContainEqual(expect.stringContaining('"unsigned":1'));
    await expect.poll(() => counted(reporting)).toEqual({ unsigned: 1 });
    await pusher(
      ...['settings', 'sign', '--signing-key', 'app.json', ...ofTopics],
      ...['--reported-topic', `${topic}-reported`],
    );
    await expect.poll(() => counted(reporting)).toEqual({ unsigned: 1, verified: 1 });
  }
  await using enforcing = start('enforce');
  await enforcing.until('/readyz', ({ status }) => status === 200);
  await set({ forged: 1 });
  await set({ brightness: 1 }, '--signing-key', 'guest.json');
  const trust = ['--trusted-keys', 'trusted.yaml', '--policy', 'policy.yaml'];
  await set({ signed: 1 }, '--signing-key', 'app.json', ...trust);
  await expect.poll(() => devices.received).toContainEqual(expect.stringContaining('"signed":1'));
  expect(devices.received.filter((body) => /forged|brightness/.test(body))).toEqual([]);
  expect(await counted(enforcing)).toEqual({ unsigned: 2, 'not-allowed': 1, verified: 2 });
  const refused = set({ signed: 2 }, ...trust);
  await expect(refused).rejects.toThrow('settings of device "lamp-1" do not count (unsigned)');
});

test('a rule of the policy for a type of devices is asked at the connector', async () => {
  const { path, pusher } = createFolder();
  const devices = await startDevices();
  const topic = await createTestTopic(kafka, { partitions: 1 });
  await pusher('signing', 'create', 'dashboard', '--key', 'dashboard.json', '--trusted', 'trusted.yaml');
  const rules = [
    { name: 'lamps', subjects: [{ key: 'dashboard' }], devices: { types: ['lamp'] }, actions: ['push'] },
  ];
  writeFileSync(path('policy.yaml'), JSON.stringify({ rules }));
  writeFileSync(path('devices.yaml'), JSON.stringify({ 'hall-1': 'lamp', 'hall-2': 'lock' }));
  await using connector = startConnector(
    program('http-connector'),
    [...connectorArguments(topic), '--http-device-directory', devices.directory, '--signatures', 'enforce'],
    {
      environment: {
        CONNECTOR_TRUSTED_KEYS: path('trusted.yaml'),
        CONNECTOR_POLICY: path('policy.yaml'),
        CONNECTOR_DEVICES: path('devices.yaml'),
        CONNECTOR_SETTINGS: 'off',
        HTTP_EVIDENCE: 'device',
      },
    },
  );
  await connector.until('/readyz', ({ status }) => status === 200);
  const push = (device: string) =>
    pusher(
      ...['push', '--device', device, '--type', 'on', '--protocol', 'http', '--command-topic', topic],
      ...['--payload', JSON.stringify({ device }), '--signing-key', 'dashboard.json'],
    );
  const refusals = async () =>
    (await readTopic(kafka, `${topic}-dead`)).flatMap((record) => {
      const read = readDeadLetter({ ...record, topic: `${topic}-dead` });
      return read.ok ? [`${record.key}: ${read.letter.reason}`] : [];
    });
  for (const device of ['hall-2', 'unknown', 'hall-1']) await push(device);
  await expect.poll(() => devices.received).toEqual(['{"device":"hall-1"}']);
  await expect.poll(refusals).toEqual(['hall-2: not-allowed', 'unknown: not-allowed']);
  // The file is read again.
  writeFileSync(path('devices.yaml'), JSON.stringify({ 'hall-1': 'lock', 'hall-2': 'lamp' }));
  await expect
    .poll(async () => {
      await push('hall-2');
      return devices.received.at(-1);
    })
    .toBe('{"device":"hall-2"}');
  await push('hall-1');
  await expect.poll(refusals).toContainEqual('hall-1: not-allowed');
});
