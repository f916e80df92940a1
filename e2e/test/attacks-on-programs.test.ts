import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { textHeaders } from '@preservarium/backend';
import { connectorArguments, startConnector } from '@preservarium/connector-process/testing';
import { type CommandInput, decodeLifecycleEvent, encodeCommand, parseCommand } from '@preservarium/core';
import { readDeadLetter } from '@preservarium/dead-letters';
import { signReport } from '@preservarium/deliverer-http';
import {
  createTestTopic,
  freeTcpPort,
  freeUdpPort,
  publishWithMosquitto,
  readTopic,
  requestWithLibcoap,
  startMosquitto,
  subscribeWithMosquitto,
  writeTopic,
} from '@preservarium/dev-services';
import { expect, onTestFinished, test } from 'vitest';
import { sharedKafka } from '../src/shared-kafka.js';

/** The attacker against the running connectors, each with the rules that its README asks for. Prints what stopped each attack. */

const kafka = sharedKafka();
const timeout = 60_000;
const program = (name: string) => new URL(`../../apps/${name}/dist/main.js`, import.meta.url);
const tell = (attack: string, stopped: unknown) => console.info(`attack: ${attack}\n  stopped: ${stopped}`);

function push(topic: string, given: Partial<CommandInput> & Pick<CommandInput, 'deviceId' | 'protocol'>) {
  const command = parseCommand({ commandType: 'x', ...given });
  return writeTopic(kafka, topic, [{ partition: 0, key: command.deviceId, value: encodeCommand(command) }]);
}

async function statesOf(topic: string, deviceId: string): Promise<string[]> {
  const records = await readTopic(kafka, `${topic}-events`);
  return records
    .map(({ value }) => decodeLifecycleEvent(value))
    .flatMap((read) => (read.ok && read.event.deviceId === deviceId ? [read.event.state] : []));
}

async function folderWith(name: string, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'attacks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** Devices of a broker with the rules of the README, and the connector's program. */
async function createMqttScene() {
  const readme = readFileSync(new URL('../../packages/deliverer-mqtt/README.md', import.meta.url), 'utf8');
  const [, accessControl = ''] = /```\n(# Each device: .*?)\n```/s.exec(readme) ?? [];
  const users = { connector: 'c', pump: 'p', thief: 't', '+': 'w', 'thief/../pump': 's' };
  const broker = await startMosquitto({ users, accessControl: accessControl.split('\n') });
  onTestFinished(() => broker.stop());
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const connector = startConnector(
    program('mqtt-connector'),
    [...connectorArguments(topic), '--mqtt-url', broker.url, '--mqtt-username', 'connector'],
    { environment: { MQTT_PASSWORD: 'c' } },
  );
  onTestFinished(() => connector[Symbol.asyncDispose]());
  await connector.logged('taking commands');
  const as = (username: keyof typeof users) => ({ username, password: users[username] });
  return { broker, topic, as };
}

test('MQTT: nobody answers, reports, is present, hears or commands for another device', async () => {
  const { broker, topic, as } = await createMqttScene();
  await using pump = await subscribeWithMosquitto(broker, { ...as('pump'), topic: 'devices/pump/commands' });
  await using shared = await subscribeWithMosquitto(broker, {
    ...as('thief'),
    topic: '$share/thieves/devices/+/commands',
  });
  const topics = [
    'devices/pump/commands/r1/response',
    'devices/pump/settings/reported',
    'devices/pump/status',
    'devices/pump/commands',
    '$share/preservarium-pusher/devices/pump/commands/r1/response',
  ];
  const payload = '{"status":"succeeded"}';
  await push(topic, { requestId: 'r1', deviceId: 'pump', protocol: 'mqtt' });
  await pump.received[Symbol.asyncIterator]().next();
  await using heard = await subscribeWithMosquitto(broker, { ...as('connector'), topic: 'devices/#' });
  for (const name of topics) {
    // With MQTT 5 some programs of mosquitto fail where the broker refuses a message, others say it.
    for (const user of ['thief', '+', 'thief/../pump'] as const)
      await publishWithMosquitto(broker, { ...as(user), topic: name, payload }).catch(() => {});
  }
  await expect(publishWithMosquitto(broker, { topic: topics[0] ?? '', payload })).rejects.toThrow(
    'mosquitto_pub',
  );
  tell('publish without a user', 'the broker refuses the connection');
  // The broker takes these: they are topics of the thief's own.
  const own = { ...as('thief'), payload };
  await publishWithMosquitto(broker, { ...own, topic: 'devices/thief/commands/r1/response' });
  const correlated = { topic: 'devices/thief/commands/r2/response', correlationData: 'r1' };
  await publishWithMosquitto(broker, { ...own, ...correlated });
  const answer = { topic: topics[0] ?? '', payload: '{"status":"failed"}' };
  await publishWithMosquitto(broker, { ...as('pump'), ...answer });
  const topicsHeard: string[] = [];
  for await (const message of heard.received) {
    topicsHeard.push(message.topic);
    if (message.topic === answer.topic) {
      expect(String(message.payload)).toBe(answer.payload);
      break;
    }
  }
  expect(topicsHeard).toEqual([
    ...['devices/thief/commands/r1/response', 'devices/thief/commands/r2/response', answer.topic],
  ]);
  for (const name of topics)
    tell(`publish ${name} as thief, + and thief/../pump`, 'the broker delivers it to nobody');
  await expect.poll(() => statesOf(topic, 'pump'), { timeout }).toContain('failed');
  expect(await statesOf(topic, 'pump')).not.toContain('succeeded');
  tell('answer the request of another device on a topic of its own', 'the command of pump is failed');

  await push(topic, { deviceId: 'thief', protocol: 'mqtt', payload: { own: true } });
  const { value } = await shared.received[Symbol.asyncIterator]().next();
  expect(value?.topic).toBe('devices/thief/commands');
  tell('hear the commands of all devices by a shared subscription', 'only those of thief came');
});

test('MQTT: no command goes to another device or speaks for one', async () => {
  const { broker, topic, as } = await createMqttScene();
  await using own = await subscribeWithMosquitto(broker, { ...as('thief'), topic: 'devices/thief/commands' });
  const toTopics = [
    ...['devices/pump/settings/reported', 'devices/pump/status', 'devices/pump/commands'],
    ...['devices/pump/commands/thief/response', 'devices/thief/status', 'devices/thief/settings/reported'],
    ...['devices/+/thief', 'devices/thief/#', '$share/g/thief', '$SYS/thief', 'devices/thiéf/commands'],
    ...['devices/Thief/commands', 'devices/thief\u200b/commands', 'devices/pump/../thief\u0000'],
  ];
  const ids = ['+', '#', 'thief/../pump', 'pump/commands', 'thief\ud800'];
  const given = [
    ...toTopics.map((name) => ({ name, command: { deviceId: 'thief', metadata: { topic: name } } })),
    ...ids.map((deviceId) => ({ name: deviceId, command: { deviceId } })),
  ];
  const wire = (command: object) =>
    Buffer.from(
      JSON.stringify({
        ...{
          request_id: 'r',
          command_type: 'x',
          protocol: 'mqtt',
          payload: {},
          timestamp: '2099-01-01T00:00:00Z',
        },
        ...command,
      }),
    );
  const values = given.map(({ command: { deviceId, ...rest } }, index) =>
    wire({ ...rest, device_id: deviceId, request_id: `r${index}` }),
  );
  const key = 'thief';
  await writeTopic(
    kafka,
    topic,
    values.map((value) => ({ partition: 0, key, value })),
  );
  await push(topic, { deviceId: 'thief', protocol: 'mqtt', payload: { last: true } });
  const { value } = await own.received[Symbol.asyncIterator]().next();
  expect(String(value?.payload)).toBe('{"last":true}');
  const letters = async () => (await readTopic(kafka, `${topic}-dead`)).map(readDeadLetter);
  await expect.poll(async () => (await letters()).length, { timeout }).toBe(given.length);
  for (const read of await letters()) {
    expect(read.ok).toBe(true);
    if (!read.ok) continue;
    const { deviceId, metadata } = JSON.parse(String(read.letter.value)) as {
      readonly deviceId?: string;
      readonly metadata?: object;
    };
    tell(`command ${JSON.stringify(metadata ?? deviceId ?? String(read.letter.value))}`, read.letter.message);
  }
});

test('a forged dead letter is sent to no other topic', async () => {
  const commands = await createTestTopic(kafka, { partitions: 1 });
  const letters = await createTestTopic(kafka, { partitions: 1 });
  const payments = await createTestTopic(kafka, { partitions: 1 });
  const value = encodeCommand(parseCommand({ deviceId: 'pump', commandType: 'x', protocol: 'mqtt' }));
  const headers = textHeaders({
    ...{
      'record-type': 'dead-letter',
      'dead-reason': 'exhausted',
      'dead-message': 'x',
      'dead-attempts': '1',
    },
    ...{ 'dead-group': 'g', 'dead-at': '2000', 'source-topic': payments, 'source-partition': '0' },
    ...{ 'source-offset': '0', 'source-timestamp': '0' },
  });
  await writeTopic(kafka, letters, [{ partition: 0, key: 'pump', value, headers }]);
  const pusher = fileURLToPath(program('cli'));
  const args = [
    'dead',
    'redrive',
    '0:0',
    '--yes',
    '--dead-letter-topic',
    letters,
    '--command-topic',
    commands,
  ];
  const said = await promisify(execFile)(process.execPath, [pusher, ...args], { env: process.env }).then(
    ({ stdout, stderr }) => stdout + stderr,
    (error: { readonly stdout: string; readonly stderr: string }) => error.stdout + error.stderr,
  );
  tell(`redrive a forged dead letter of ${payments}`, said.trim());
  expect(await readTopic(kafka, payments)).toEqual([]);
  expect(await readTopic(kafka, commands)).toEqual([]);
});

test('HTTP: no report is forged, reflected, moved to another device or sent again, also after a restart', async () => {
  const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
  const secrets = await folderWith('secrets.yaml', `lamp: ${secretOf(7)}\npump: ${secretOf(8)}\n`);
  const commands: Record<string, string>[] = [];
  const device = createServer(async (received, response) => {
    commands.push({ ...(received.headers as Record<string, string>), body: await text(received) });
    response.end();
  });
  await once(device.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void device.close());
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const port = await freeTcpPort();
  const start = () =>
    startConnector(program('http-connector'), [
      ...[...connectorArguments(topic), '--http-signing-secrets', secrets],
      ...['--http-device-directory', `http://127.0.0.1:${(device.address() as AddressInfo).port}/{deviceId}`],
      ...['--http-listen-port', String(port), '--http-listen-host', '127.0.0.1'],
    ]);
  const before = start();
  onTestFinished(() => before[Symbol.asyncDispose]());
  await before.logged('taking commands');

  /** As it is, whatever `fetch` would make of the path. */
  const post = async (path: string, body: string, headers: Record<string, string | string[]> = {}) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
    sent.end(body);
    const [response] = await once(sent, 'response');
    return `${response.statusCode} ${await text(response)}`;
  };
  const attack = async (name: string, answer: Promise<string>, expected = /^40[14] /) => {
    const said = await answer;
    tell(name, said);
    expect(said, name).toMatch(expected);
  };
  const body = '{"a":1}';
  const sign = (deviceId: string, byte: number, path?: string) =>
    signReport({ deviceId, body: Buffer.from(body), ...(path !== undefined && { path }) }, secretOf(byte));

  await attack('report without a signature', post('/settings/lamp', body));
  await attack('report for lamp with the secret of pump', post('/settings/lamp', body, sign('lamp', 8)));
  await attack('report of pump at the path of lamp', post('/settings/lamp', body, sign('pump', 8)));
  for (const path of ['/settings/pump/../lamp', '/settings/%6camp', '/settings/lamp%00', '/settings//lamp']) {
    await attack(`report of pump at ${path}`, post(path, body, sign('pump', 8, path)));
  }
  await attack(
    'report of pump at http://x/settings/lamp',
    post('http://x/settings/lamp', body, sign('pump', 8)),
  );
  await attack('report with another body', post('/settings/lamp', '{"a":2}', sign('lamp', 7)));
  const { 'webhook-signature': good = '', ...rest } = sign('pump', 8);
  const twice = { ...rest, 'webhook-signature': ['v2,eA==', good], 'device-id': ['pump', 'lamp'] };
  await attack('report of pump for lamp with headers twice', post('/settings/lamp', body, twice));
  await attack('report of a device without a secret', post('/settings/lamp-2', body, sign('lamp-2', 7)));

  await push(topic, { deviceId: 'lamp', protocol: 'http', path: '/settings/lamp', payload: { a: 1 } });
  await expect.poll(() => commands, { timeout }).toHaveLength(1);
  const { body: sent = '', connection: _, 'content-length': __, host: ___, ...reflected } = commands[0] ?? {};
  await attack('a signed command as a report', post('/settings/lamp', sent, reflected));

  const signed = sign('lamp', 7);
  expect(await post('/settings/lamp', body, signed)).toMatch(/^(204|422) /);
  await attack('the same report again', post('/settings/lamp', body, signed));
  before.kill('SIGTERM');
  await before.ended;
  const after = start();
  onTestFinished(() => after[Symbol.asyncDispose]());
  await after.logged('taking commands');
  await attack('the same report after a restart', post('/settings/lamp', body, signed), /^503 .*before/);
  expect(await post('/settings/lamp', body, sign('lamp', 7))).toMatch(/^(204|422) /);
});

test('CoAP: nobody polls, observes, acknowledges or reports for another device', async () => {
  const [good, other] = ['pump-token-0123456', 'thief-token-012345'];
  const tokens = await folderWith('tokens.yaml', `pump: ${good}\nthief: ${other}\n`);
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const port = await freeUdpPort();
  await using connector = startConnector(program('coap-connector'), [
    ...[...connectorArguments(topic), '--coap-device-tokens', tokens],
    ...['--coap-listen-port', String(port), '--coap-listen-host', '127.0.0.1'],
  ]);
  await connector.logged('taking commands');
  const url = `coap://127.0.0.1:${port}`;
  const pump = (query: string) => requestWithLibcoap({ url: `${url}/commands/pump${query}` });
  await push(topic, { requestId: 'r1', deviceId: 'pump', protocol: 'coap', payload: { open: true } });
  const attempts: [string, Parameters<typeof requestWithLibcoap>[0]][] = [
    ['poll without a token', { url: `${url}/commands/pump` }],
    ['poll with the token of thief', { url: `${url}/commands/pump?token=${other}` }],
    ['poll with two tokens', { url: `${url}/commands/pump?token=${other}&token=${good.slice(0, -1)}` }],
    [
      'observe with the token of thief',
      { url: `${url}/commands/pump?token=${other}`, arguments: ['-s', '1'] },
    ],
    [
      'acknowledge',
      { url: `${url}/commands/pump/r1?token=${other}`, method: 'post', payload: '{"status":"succeeded"}' },
    ],
    ['report', { url: `${url}/settings/pump?token=${other}`, method: 'post', payload: '{"a":1}' }],
    ['poll by ack', { url: `${url}/commands/pump?ack=r1&token=${other}` }],
    ['ask for a block', { url: `${url}/commands/pump?token=${other}`, arguments: ['-O', '23,0x16'] }],
    [
      'poll through a proxy option',
      { url: `${url}/commands/pump?token=${other}`, arguments: ['-O', '35,coap://x/commands/thief'] },
    ],
    [
      'poll with another host option',
      { url: `${url}/commands/pump?token=${other}`, arguments: ['-O', '3,thief'] },
    ],
    ['poll thief%2f..%2fpump', { url: `${url}/commands/thief%2f..%2fpump?token=${other}` }],
  ];
  for (const [name, attempt] of attempts) {
    const { code, payload } = await requestWithLibcoap(attempt);
    tell(`CoAP: ${name}`, `${code} ${payload}`);
    expect(code, name).toMatch(/^4\./);
    expect(String(payload)).not.toContain('open');
  }
  expect(await statesOf(topic, 'pump')).not.toContain('delivered');
  const { payload } = await pump(`?token=${good}`);
  expect(String(payload)).toContain('"open":true');
});
