import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import {
  createTestTopic,
  makeClientCertificate,
  startKafka,
  startMosquitto,
  writeTopic,
} from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';
import { runPusher } from './run-pusher.js';

interface Result {
  readonly ok: boolean;
  readonly passed: readonly string[];
  readonly findings: readonly Readonly<
    Record<'check' | 'level' | 'subject' | 'what' | 'why' | 'run', string>
  >[];
}

function createFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'pusher-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Returns the exit code and what is found, each as one line. */
async function doctor(
  folder: string,
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
) {
  const { exitCode, stdout, stderr } = await runPusher(['doctor', '--json', ...args], {
    folder,
    environment,
  });
  expect(stderr).toBe('');
  const { findings, passed } = JSON.parse(stdout) as Result;
  expect(findings.every(({ why, run }) => why !== '' && run !== '')).toBe(true);
  const lines = findings.map(({ level, check, subject, what }) => `${level} ${check}: ${subject}: ${what}`);
  return { exitCode, passed, lines, runs: findings.map(({ run }) => run) };
}

test('a bad deployment: each fault is found, and the exit code says so', async () => {
  const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
  const folder = createFolder();
  const commands = await createTestTopic(kafka, {
    partitions: 2,
    config: { 'cleanup.policy': 'compact', 'retention.ms': '60000' },
  });
  const waiting = await createTestTopic(kafka, {
    partitions: 1,
    config: {
      'retention.ms': '3600000',
      'max.message.bytes': '1000',
      'unclean.leader.election.enable': 'true',
    },
  });
  const settings = await createTestTopic(kafka, { partitions: 1 });
  const hourMs = 3_600_000;
  await writeTopic(kafka, commands, [
    { partition: 0, key: 'd', value: Buffer.from('{}'), timestampMs: Date.now() + hourMs },
  ]);
  const { exitCode, lines, runs, passed } = await doctor(folder, {
    DEVICE_COMMAND_TOPIC: commands,
    DEVICE_WAITING_TOPIC: waiting,
    DEVICE_SETTINGS_TOPIC: settings,
    DEVICE_EVENT_TOPIC: 'no-events',
    DEVICE_DEAD_LETTER_TOPIC: 'no-letters',
    DEVICE_REPORTED_SETTINGS_TOPIC: 'no-reports',
  });
  expect(exitCode).toBe(1);
  expect(passed).toEqual(['versions']);
  expect(lines.map((line) => line.replace(/\d{3,} s from now/, 'N s from now'))).toEqual([
    'warn topics: topic no-events: the topic does not exist',
    'warn topics: topic no-letters: the topic does not exist',
    'warn topics: topic no-reports: the topic does not exist',
    `fail topics: topic ${commands}: replication factor 1, of 1 brokers`,
    `fail topics: topic ${commands}: the topic is compacted`,
    `fail topics: topic ${commands}: retention.ms is 60000, and commands may wait for 604800000 ms`,
    `fail topics: topic ${waiting}: replication factor 1, of 1 brokers`,
    `fail topics: topic ${waiting}: unclean.leader.election.enable is true`,
    `fail topics: topic ${waiting}: retention.ms is 3600000, and commands may wait for 3196800000 ms`,
    `fail topics: topic ${waiting}: max.message.bytes is 1000, and that of ${commands} 1048588`,
    `fail topics: topic ${waiting}: 1 partitions, and ${commands} has 2`,
    `fail topics: topic ${settings}: replication factor 1, of 1 brokers`,
    `fail topics: topic ${settings}: cleanup.policy is delete`,
    `warn connectors: topic ${commands}: no connector has ever read it`,
    'warn access: permissions: the brokers have no authorizer',
    `warn signatures: topic ${commands}: nothing is signed`,
    `fail clocks: topic ${commands}: its newest record was written N s from now`,
  ]);
  expect(runs).toContain(
    `kafka-configs.sh --bootstrap-server ${kafka.brokers[0]} --alter --entity-type topics --entity-name ${waiting} --add-config retention.ms=3196800000`,
  );
});

test('a good deployment: three brokers with TLS, users and permissions', async () => {
  const folder = createFolder();
  await using kafka = await startKafka({ brokers: 3, security: 'sasl-ssl', isolated: true });
  const { brokers, tls, sasl } = kafka.settings;
  if (typeof tls !== 'object' || sasl === undefined || sasl.mechanism === 'oauthbearer')
    throw new Error('the cluster has other settings');
  writeFileSync(join(folder, 'ca.pem'), tls.ca ?? '');
  const environment = {
    KAFKA_BOOTSTRAP_SERVERS: brokers.join(','),
    KAFKA_SSL_CA_FILE: join(folder, 'ca.pem'),
    KAFKA_SASL_MECHANISM: sasl.mechanism,
    KAFKA_SASL_USERNAME: sasl.username,
    KAFKA_SASL_PASSWORD: String(sasl.password),
    PUSHER_SIGNING_KEY: 'app.json',
  };
  const backend = createKafkajsBackend(kafka.settings);
  onTestFinished(() => backend.close({ timeoutMs: 1_000 }));
  const reliable = { 'min.insync.replicas': '2' };
  const topics = {
    device_commands: {},
    device_commands_waiting: { 'retention.ms': '3196800000' },
    device_command_events: {},
    device_commands_dead: {},
    device_settings: { 'cleanup.policy': 'compact' },
    device_settings_reported: { 'cleanup.policy': 'compact' },
  };
  for (const [topic, config] of Object.entries(topics)) {
    await backend.createTopic({
      topic,
      partitions: 2,
      replicationFactor: 3,
      config: { ...reliable, ...config },
    });
  }
  const run = (args: readonly string[]) => runPusher(args, { folder, environment });
  await run(['signing', 'create', 'app', '--key', 'app.json', '--trusted', 'trusted.yaml']);
  const device = ['--device', 'lamp', '--type', 'on', '--protocol', 'mqtt'];
  expect(await run(['push', ...device, '--payload', '{}'])).toMatchObject({ exitCode: 0 });

  const good = await doctor(folder, environment);
  expect(good).toMatchObject({
    exitCode: 0,
    passed: ['topics', 'access', 'signatures', 'clocks', 'versions', 'certificates'],
    lines: ['warn connectors: topic device_commands: no connector has ever read it'],
  });
}, 180_000);

const rules = [
  'pattern read devices/%u/commands',
  'pattern write devices/%u/commands/+/response',
  'pattern write devices/%u/settings/reported',
  'pattern write devices/%u/status',
  'user connector',
  'topic write devices/+/commands',
  'topic read devices/+/commands/+/response',
  'topic read devices/+/settings/reported',
  'topic read devices/+/status',
];
const users = { connector: 'connector-secret', lamp: 'lamp-secret' };

test('MQTT brokers: one whose devices keep to themselves, one without rules, and one without logins', async () => {
  const folder = createFolder();
  writeFileSync(join(folder, 'password'), 'lamp-secret');
  const environment = { MQTT_USERNAME: 'connector', MQTT_PASSWORD: users.connector };
  const check = async (
    url: string,
    login: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ) => {
    const { lines } = await doctor(folder, login, ['--mqtt-url', url, ...args]);
    return lines
      .filter((line) => line.includes(' mqtt: '))
      .map((line) => line.replace(/pusher-doctor-\w+/, 'ID').replace(/127.0.0.1:\d+/, 'HOST'));
  };
  const device = ['--mqtt-device', 'lamp', '--mqtt-device-password-file', 'password'];

  await using good = await startMosquitto({ users, accessControl: rules });
  expect(await check(good.url, environment, device)).toEqual([]);
  expect(await check(good.url, environment)).toEqual([
    'warn mqtt: broker HOST: the rights of devices were not tried',
  ]);

  await using open = await startMosquitto({
    users,
    configuration: ['max_packet_size 5000', 'retain_available false'],
  });
  const foreign = (client: string) => [
    `fail mqtt: broker HOST: ${client} may write devices/ID/commands/doctor/response`,
    `fail mqtt: broker HOST: ${client} may write devices/ID/settings/reported`,
    `fail mqtt: broker HOST: ${client} may write devices/ID/status`,
    `fail mqtt: broker HOST: ${client} may read devices/ID/commands`,
    `fail mqtt: broker HOST: ${client} may write devices/ID/commands`,
  ];
  expect(await check(open.url, environment, device)).toEqual([
    'warn mqtt: broker HOST: its largest packet has 5000 bytes',
    'warn mqtt: broker HOST: it retains no messages',
    ...foreign('the device "lamp"'),
  ]);

  await using anonymous = await startMosquitto();
  expect(await check(anonymous.url, {})).toEqual([
    'warn mqtt: broker HOST: it takes clients without a login',
    ...foreign('a client without a login'),
  ]);
}, 120_000);

const dayMs = 24 * 3_600_000;
const inDays = (days: number) => new Date(Date.now() + days * dayMs + 3_600_000);
const ofCertificates = ({ lines }: Awaited<ReturnType<typeof doctor>>) =>
  lines
    .filter((line) => line.includes(' certificates: '))
    .map((line) => line.replace(/127.0.0.1:\d+/, 'HOST').replace(/\S+Z$/, 'TIME'));

test('Kafka: certificates of the broker and of the client that expire within 30 days', async () => {
  const folder = createFolder();
  await using kafka = await startKafka({
    security: 'sasl-ssl',
    isolated: true,
    certificateUntil: inDays(10),
  });
  const { brokers, tls, sasl } = kafka.settings;
  if (typeof tls !== 'object' || sasl === undefined || sasl.mechanism === 'oauthbearer')
    throw new Error('the cluster has other settings');
  const client = await makeClientCertificate({ validUntil: inDays(20) });
  const files = { 'ca.pem': tls.ca ?? '', 'client.pem': client.cert, 'client.key': client.key };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const found = await doctor(folder, {
    KAFKA_BOOTSTRAP_SERVERS: brokers.join(','),
    KAFKA_SSL_CA_FILE: join(folder, 'ca.pem'),
    KAFKA_SSL_CERT_FILE: join(folder, 'client.pem'),
    KAFKA_SSL_KEY_FILE: join(folder, 'client.key'),
    KAFKA_SASL_MECHANISM: sasl.mechanism,
    KAFKA_SASL_USERNAME: sasl.username,
    KAFKA_SASL_PASSWORD: String(sasl.password),
  });
  expect(ofCertificates(found)).toEqual([
    'warn certificates: client of Kafka: the certificate "CN=client" expires in 20 days, at TIME',
    'warn certificates: broker HOST: the certificate "localhost" expires in 10 days, at TIME',
  ]);
}, 180_000);

test('MQTT: a certificate that expires soon, and one that has expired, for which nobody can connect', async () => {
  const folder = createFolder();
  const check = async (certificateUntil: Date) => {
    await using broker = await startMosquitto({ tls: true, certificateUntil });
    const authority = { MQTT_CA_FILE: broker.authority?.file ?? '' };
    return await doctor(folder, authority, ['--mqtt-url', broker.url]);
  };
  expect(ofCertificates(await check(inDays(40)))).toEqual([]);
  expect(ofCertificates(await check(inDays(5)))).toEqual([
    'warn certificates: broker HOST: the certificate "localhost" expires in 5 days, at TIME',
  ]);
  const expired = await check(inDays(-2));
  expect(expired.exitCode).toBe(1);
  expect(ofCertificates(expired)).toEqual([
    'fail certificates: broker HOST: the certificate "localhost" expired at TIME',
  ]);
  expect(expired.lines).toContainEqual(
    expect.stringMatching(/^fail mqtt: mqtt: it could not be checked: .*certificate has expired/),
  );
}, 120_000);

test('a gateway: one that takes anybody on the network, one that asks for a key, and none', async () => {
  const folder = createFolder();
  let status = 200;
  const gateway = createServer((_, response) => response.writeHead(status).end());
  await once(gateway.listen(0), 'listening');
  onTestFinished(() => void gateway.close());
  const { port } = gateway.address() as AddressInfo;
  const check = async (url: string) => {
    const { lines, passed } = await doctor(folder, {}, ['--gateway-url', url]);
    return passed.includes('gateway') ? [] : lines.filter((line) => line.includes(' gateway: '));
  };
  // Not a loopback address, but one that leads here.
  const url = `http://0.0.0.0:${port}`;
  const subject = `fail gateway: gateway 0.0.0.0:${port}`;
  const withoutTls = `${subject}: it is reached without TLS, and is not on loopback`;
  expect(await check(url)).toEqual([
    `${subject}: it takes requests without authentication, and is not on loopback`,
    withoutTls,
  ]);
  expect(await check(`http://127.0.0.1:${port}`)).toEqual([]);
  status = 401;
  expect(await check(url)).toEqual([withoutTls]);
  gateway.closeAllConnections();
  gateway.close();
  expect(await check(url)).toEqual([`${subject}: it does not answer`]);
}, 120_000);
