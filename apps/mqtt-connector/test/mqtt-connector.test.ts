import { textHeaders } from '@preservarium/backend';
import {
  connectorArguments,
  startConnector,
  type TestedConnector,
} from '@preservarium/connector-process/testing';
import {
  decodeLifecycleEvent,
  decodeSettings,
  encodeCommand,
  encodeSettings,
  parseCommand,
  parseSettings,
} from '@preservarium/core';
import {
  createTestTopic,
  createTopic,
  type Mosquitto,
  publishWithMosquitto,
  readTopic,
  startMosquitto,
  subscribeWithMosquitto,
  writeTopic,
} from '@preservarium/dev-services';
import { createHonoFormat } from '@preservarium/hono';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
const main = new URL('../dist/main.js', import.meta.url);

let broker: Mosquitto;
let topic: string;
beforeEach(async () => {
  broker = await startMosquitto();
  topic = await createTestTopic(kafka, { partitions: 1 });
});
afterEach(() => broker.stop());

function push(requestId: string, more: { readonly topic?: string } = {}): Promise<void> {
  const command = parseCommand({
    requestId,
    deviceId: 'lamp-7',
    commandType: 'set_led',
    protocol: 'mqtt',
    payload: { requestId },
    ...more,
  });
  return writeTopic(kafka, topic, [{ partition: 0, key: command.deviceId, value: encodeCommand(command) }]);
}

function start(...args: readonly string[]): TestedConnector {
  return startConnector(main, [...connectorArguments(topic), '--mqtt-url', broker.url, ...args]);
}

const isReady = ({ status }: { readonly status: number }) => status === 200;

async function states(): Promise<unknown[]> {
  const records = await readTopic(kafka, `${topic}-events`);
  return records.map(({ value }) => {
    const decoded = decodeLifecycleEvent(value);
    return decoded.ok ? decoded.event.state : decoded.message;
  });
}

test('a command to a topic that nobody subscribes to holds up no other command of its device', async () => {
  await using lamp = await subscribeWithMosquitto(broker, { topic: 'devices/lamp-7/commands' });
  const received = lamp.received[Symbol.asyncIterator]();
  await using connector = start('--max-attempts', '1');
  await push('mistyped', { topic: 'devices/lamp-7/comands' });
  await connector.until('/readyz', ({ body }) => (body as { waiting?: number }).waiting === 1);
  await push('r2');
  const { value } = await received.next();
  expect(String(value?.payload)).toBe('{"requestId":"r2"}');
  await expect.poll(states).toEqual(expect.arrayContaining(['waiting', 'delivered']));
  connector.kill('SIGTERM');
  expect(await connector.ended).toMatchObject({ exitCode: 0 });
});

describe.each(['kafkajs', 'rdkafka'])('with %s', (backend) => {
  test('takes the commands of a tenant of Eclipse Hono', async () => {
    await using lamp = await subscribeWithMosquitto(broker, { topic: 'devices/lamp-7/commands' });
    const received = lamp.received[Symbol.asyncIterator]();
    const hono = createHonoFormat({ tenant: topic });
    await createTopic(kafka, { topic: hono.commandTopic, partitions: 1 });
    const headers = textHeaders({ device_id: 'lamp-7', subject: 'setBrightness' });
    await writeTopic(kafka, hono.commandTopic, [
      { partition: 0, key: 'lamp-7', headers, value: Buffer.from('{"brightness":20}') },
    ]);
    await using connector = start('--backend', backend, '--hono-tenant', topic, '--from', 'beginning');
    expect(String((await received.next()).value?.payload)).toBe('{"brightness":20}');
    connector.kill('SIGTERM');
    expect(await connector.ended).toEqual({ exitCode: 0, stderr: '' });
    expect(await states()).toEqual(['dispatched', 'delivered']);
  });

  test('delivers a command, ends with 0 when asked to, and goes on from there the next time', async () => {
    await using lamp = await subscribeWithMosquitto(broker, { topic: 'devices/lamp-7/commands' });
    const received = lamp.received[Symbol.asyncIterator]();
    for (const requestId of ['r1', 'r2']) {
      await using connector = start('--backend', backend);
      await push(requestId);
      const { value } = await received.next();
      expect(String(value?.payload)).toBe(`{"requestId":"${requestId}"}`);
      const { body } = await connector.until('/readyz', isReady);
      const ready = { ready: true, kafka: 'connected', devices: 'connected', partitions: [0], waiting: 0 };
      expect(body).toMatchObject(ready);
      const alive = await connector.until('/healthz', isReady);
      expect(alive.body).toEqual({ status: 'alive' });
      connector.kill('SIGTERM');
      expect(await connector.ended).toEqual({ exitCode: 0, stderr: '' });
    }
    expect(await states()).toEqual(['dispatched', 'delivered', 'dispatched', 'delivered']);
  });

  test('brings a device what it lacks of its settings, until it reports that it has it', async () => {
    const settingsTopic = 'devices/lamp-7/settings';
    await using lamp = await subscribeWithMosquitto(broker, { topic: settingsTopic });
    const received = lamp.received[Symbol.asyncIterator]();
    await using connector = start('--backend', backend);
    await connector.until('/readyz', isReady);
    const value = encodeSettings(parseSettings({ deviceId: 'lamp-7', settings: { rate: 5 } }));
    await writeTopic(kafka, `${topic}-settings`, [{ partition: 0, key: 'lamp-7', value }]);
    expect(String((await received.next()).value?.payload)).toBe('{"rate":5}');
    await publishWithMosquitto(broker, { topic: `${settingsTopic}/reported`, payload: '{"rate":5}' });
    expect(String((await received.next()).value?.payload)).toBe('');
    const [record] = await readTopic(kafka, `${topic}-reported`);
    expect(decodeSettings(record?.value ?? null)).toMatchObject({ settings: { settings: { rate: 5 } } });
  });

  describe('with a command in flight, which the broker does not acknowledge', () => {
    beforeEach(async () => {
      const lamp = await subscribeWithMosquitto(broker, { topic: 'devices/lamp-7/commands' });
      return () => lamp.close();
    });

    async function startBusy(): Promise<TestedConnector> {
      const connector = start('--backend', backend);
      await connector.until('/readyz', ({ body }) => body.ready === true && `${body.partitions}` === '0');
      broker.freeze();
      await push('r1');
      await expect.poll(states).toEqual(['dispatched']);
      connector.kill('SIGTERM');
      await connector.logged('stopping');
      return connector;
    }

    test('finishes it before it ends', async () => {
      await using connector = await startBusy();
      const { status } = await connector.until('/readyz', ({ body }) => body.ready === false);
      expect(status).toBe(503);
      broker.thaw();
      expect(await connector.ended).toEqual({ exitCode: 0, stderr: '' });
      expect(await states()).toEqual(['dispatched', 'delivered']);
    });

    test('a second signal ends it at once', async () => {
      await using connector = await startBusy();
      connector.kill('SIGINT');
      expect(await connector.ended).toEqual({ exitCode: 130, stderr: '' });
    });
  });

  test('is not ready while the MQTT broker is away, and lives on', async () => {
    await using connector = start('--backend', backend);
    await connector.until('/readyz', isReady);
    await broker.kill();
    const { body } = await connector.until('/readyz', ({ status }) => status === 503);
    expect(body).toMatchObject({ ready: false, kafka: 'connected', devices: 'not connected' });
    await connector.until('/healthz', isReady);
    await broker.start();
    await connector.until('/readyz', isReady);
  });

  test('asked to end while it waits for Kafka, it does', async () => {
    await using connector = start('--backend', backend, '--brokers', '127.0.0.1:1');
    await connector.until('/readyz', ({ body }) => body.kafka === 'joining');
    connector.kill('SIGTERM');
    expect(await connector.ended).toEqual({ exitCode: 0, stderr: '' });
  });

  test('a failure that it cannot go on from is one line and an exit code', async () => {
    const other = await createTestTopic(kafka, { partitions: 1 });
    const waiting = `${other}-waiting`;
    const ofOther = ['--command-topic', other, '--waiting-topic', waiting, '--group-id', other];
    await using first = start('--backend', backend, ...ofOther);
    await first.until('/readyz', ({ status }) => status === 200);
    await using second = start('--backend', backend, '--waiting-topic', waiting);
    const { exitCode, stderr } = await second.ended;
    expect(stderr).toMatch(/^mqtt-connector: CONFIGURATION_INVALID: .* a waiting topic of its own .*\n$/);
    expect(exitCode).toBe(2);
  });

  test.each([
    [['--brokers', '127.0.0.1:1'], 3, 'BACKEND_UNAVAILABLE: .*127.0.0.1:1'],
    [['--mqtt-url', 'mqtt://127.0.0.1:1'], 3, 'BACKEND_UNAVAILABLE: cannot connect to mqtt://127.0.0.1:1'],
    [['--command-topic', 'nowhere'], 1, 'TOPIC_UNKNOWN: topic "nowhere" does not exist; create it'],
  ])('cannot start with %j', async (args, exitCode, message) => {
    await using connector = start('--backend', backend, '--start-timeout-ms', '3000', ...args);
    const result = await connector.ended;
    expect(result.stderr).toMatch(new RegExp(`^mqtt-connector: ${message}.*\n$`));
    expect(result.exitCode).toBe(exitCode);
  });
});

test('credentials that the broker refuses', async () => {
  await using guarded = await startMosquitto({ users: { connector: 'right' } });
  const args = [...connectorArguments(topic), '--mqtt-url', guarded.url, '--mqtt-username', 'connector'];
  await using connector = startConnector(main, args, { environment: { MQTT_PASSWORD: 'wrong' } });
  const { exitCode, stderr } = await connector.ended;
  expect(stderr).toMatch(/^mqtt-connector: AUTHENTICATION_FAILED: .*\n$/);
  expect(stderr).not.toContain('wrong');
  expect(exitCode).toBe(3);
});
