import { randomUUID } from 'node:crypto';
import { type ConsumedRecord, headerTexts, type RecordHeaders, textHeaders } from '@preservarium/backend';
import { type RetryOptions, runConnector } from '@preservarium/connector';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import {
  createTopic,
  type Mosquitto,
  publishWithMosquitto,
  readTopic,
  startMosquitto,
  subscribeWithMosquitto,
  writeTopic,
} from '@preservarium/dev-services';
import { createHonoFormat } from '@preservarium/hono';
import { createPusherService } from '@preservarium/publisher';
import { createTracker } from '@preservarium/tracking';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { backends, type CreateBackend } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

// Applications and adapters of Hono are played with plain Kafka records, as its API describes them; devices with mosquitto's clients.

const kafka = sharedKafka();
const timeoutMs = 30_000;
const notification = 'application/vnd.eclipse-hono-delivery-failure-notification+json';
let broker: Mosquitto;
beforeAll(async () => {
  broker = await startMosquitto();
});
afterAll(() => broker.stop());

async function createTenant() {
  const hono = createHonoFormat({ tenant: randomUUID() });
  await createTopic(kafka, { topic: hono.commandTopic, partitions: 1 });
  await createTopic(kafka, { topic: hono.responseTopic, partitions: 1 });
  return hono;
}

type Hono = Awaited<ReturnType<typeof createTenant>>;

async function startMqttConnector(createBackend: CreateBackend, hono: Hono, retry: RetryOptions = {}) {
  const connector = await runConnector({
    backend: createBackend(kafka),
    deliverer: createMqttDeliverer({
      url: broker.url,
      clientId: hono.commandTopic,
      answerGroup: hono.commandTopic,
    }),
    groupId: hono.commandTopic,
    from: 'beginning',
    topics: {
      commands: hono.commandTopic,
      waiting: `${hono.commandTopic}.waiting`,
      deadLetters: `${hono.commandTopic}.dead`,
      events: false,
    },
    format: hono,
    retry: { maxAttempts: 1, ...retry },
  });
  onTestFinished(() => connector.close());
  return connector;
}

/** Subscribes, and answers each command with what it received, as text. */
async function startDevice(deviceId: string): Promise<void> {
  const device = await subscribeWithMosquitto(broker, {
    topic: `devices/${deviceId}/commands`,
    protocolVersion: 5,
  });
  onTestFinished(() => device.close());
  void (async () => {
    for await (const { payload, responseTopic, correlationData, userProperties } of device.received) {
      const isWrong = userProperties.includes('command_type:explode');
      const answer = isWrong
        ? { status: 'rejected', reason: 'not that' }
        : { status: 'succeeded', result: { received: payload.toString() } };
      await publishWithMosquitto(broker, {
        topic: responseTopic,
        payload: JSON.stringify(answer),
        correlationData,
        protocolVersion: 5,
      });
    }
  })();
}

interface HonoRecord {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

function send(topic: string, { key, headers, value }: HonoRecord): Promise<void> {
  const list: RecordHeaders = textHeaders(headers);
  return writeTopic(kafka, topic, [{ partition: 0, key, value: Buffer.from(value), headers: list }]);
}

async function read(topic: string): Promise<HonoRecord[]> {
  return (await readTopic(kafka, topic)).map(({ key, value, headers }: ConsumedRecord) => ({
    key: String(key),
    headers: headerTexts(headers),
    value: String(value),
  }));
}

async function responseTo(hono: Hono, correlationId: string): Promise<HonoRecord | undefined> {
  const find = async () =>
    (await read(hono.responseTopic)).find(({ headers }) => headers['correlation-id'] === correlationId);
  await expect.poll(find, { timeout: timeoutMs }).toBeDefined();
  return find();
}

const commandOf = (deviceId: string, correlationId: string, subject = 'setBrightness'): HonoRecord => ({
  key: deviceId,
  headers: {
    'correlation-id': correlationId,
    device_id: deviceId,
    subject,
    'content-type': 'application/json',
    'response-required': 'true',
    'delivery-failure-notification-metadata[order]': '17',
  },
  value: '{"brightness":21.0}',
});

describe.each(Object.entries(backends))('%s', (_, createBackend) => {
  test('an application of Hono commands devices of the MQTT connector, and reads their responses', async () => {
    const hono = await createTenant();
    const deviceId = `lamp-${randomUUID()}`;
    await startDevice(deviceId);
    await startMqttConnector(createBackend, hono);
    await send(hono.commandTopic, commandOf(deviceId, 'c-1'));
    await send(hono.commandTopic, commandOf(deviceId, 'c-2', 'explode'));
    const ofDevice = { device_id: deviceId, tenant_id: hono.commandTopic.split('.')[2] };
    const time = { 'creation-time': expect.stringMatching(/^\d{13}$/) };

    expect(await responseTo(hono, 'c-1')).toEqual({
      key: deviceId,
      headers: {
        'correlation-id': 'c-1',
        ...time,
        ...ofDevice,
        status: '200',
        'content-type': 'application/json',
      },
      value: '{"received":"{\\"brightness\\":21.0}"}',
    });
    expect(await responseTo(hono, 'c-2')).toEqual({
      key: deviceId,
      headers: {
        'correlation-id': 'c-2',
        ...time,
        ...ofDevice,
        status: '400',
        'content-type': 'text/plain; charset=utf-8',
      },
      value: 'not that',
    });
  });

  test('a command that waits is answered by the connector that comes next', async () => {
    const hono = await createTenant();
    const deviceId = `lamp-${randomUUID()}`;
    const first = await startMqttConnector(createBackend, hono);
    await send(hono.commandTopic, commandOf(deviceId, 'c-1'));
    await expect.poll(() => first.status().waiting, { timeout: timeoutMs }).toBe(1);
    await first.close();
    await startMqttConnector(createBackend, hono);
    await startDevice(deviceId);
    await publishWithMosquitto(broker, {
      topic: `devices/${deviceId}/status`,
      payload: 'online',
      protocolVersion: 5,
    });
    expect((await responseTo(hono, 'c-1'))?.headers.status).toBe('200');
  });

  test('each command that is not delivered gives its sender a notification, a one-way command gives none', async () => {
    const hono = await createTenant();
    const deviceId = `lamp-${randomUUID()}`;
    const {
      'response-required': _required,
      'correlation-id': _id,
      ...oneWay
    } = commandOf(deviceId, '').headers;
    await send(hono.commandTopic, { ...commandOf(deviceId, ''), headers: oneWay });
    await send(hono.commandTopic, commandOf(deviceId, 'c-away'));
    await send(hono.commandTopic, commandOf(deviceId, 'c-subject', ''));
    await startMqttConnector(createBackend, hono, { maxWaitMs: 2_000 });

    const unreachable = await responseTo(hono, 'c-away');
    expect(unreachable).toMatchObject({
      key: deviceId,
      headers: {
        status: '503',
        'content-type': notification,
        'delivery-failure-notification-metadata[order]': '17',
      },
    });
    expect(JSON.parse(unreachable?.value ?? '')).toEqual({ error: expect.stringContaining('dead') });
    expect(await responseTo(hono, 'c-subject')).toMatchObject({
      headers: { status: '400', 'content-type': notification },
      value: expect.stringContaining('commandType'),
    });
    expect(await read(hono.responseTopic)).toHaveLength(2);
  });

  test('a service commands devices of Hono, and its tracker reads their responses', async () => {
    const hono = await createTenant();
    const backend = createBackend(kafka);
    const service = createPusherService({
      backend,
      commandTopic: hono.commandTopic,
      format: hono,
      protocols: ['hono'],
    });
    onTestFinished(() => service.close());
    const trackerBackend = createBackend(kafka);
    onTestFinished(() => trackerBackend.close({ timeoutMs }));
    const tracker = await createTracker({
      backend: trackerBackend,
      eventsTopic: hono.responseTopic,
      format: hono,
    });
    onTestFinished(() => tracker.close());

    /** An adapter of Hono, for one command. */
    async function answer(requestId: string, headers: Readonly<Record<string, string>>, value: string) {
      const find = async () =>
        (await read(hono.commandTopic)).find((each) => each.headers['correlation-id'] === requestId);
      await expect.poll(find, { timeout: timeoutMs }).toEqual({
        key: 'lamp-1',
        headers: {
          'correlation-id': requestId,
          device_id: 'lamp-1',
          subject: 'setBrightness',
          'content-type': 'application/json',
          'response-required': 'true',
        },
        value: '{"brightness":20}',
      });
      const common = {
        'correlation-id': requestId,
        'creation-time': String(Date.now()),
        device_id: 'lamp-1',
        tenant_id: hono.commandTopic.split('.')[2] ?? '',
      };
      await send(hono.responseTopic, { key: 'lamp-1', headers: { ...common, ...headers }, value });
    }
    const push = (requestId: string) =>
      tracker.pushAndWait(
        service,
        {
          requestId,
          deviceId: 'lamp-1',
          commandType: 'setBrightness',
          protocol: 'hono' as 'mqtt',
          payload: { brightness: 20 },
          requiredEvidence: 'executed',
        },
        { until: 'succeeded', timeoutMs },
      );

    const [done] = await Promise.all([
      push('c-1'),
      answer('c-1', { status: '200', 'content-type': 'application/json' }, '{"brightness":20}'),
    ]);
    expect(done).toMatchObject({ state: 'succeeded', evidence: 'executed', result: { brightness: 20 } });
    const refused = expect(push('c-2')).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      lifecycle: { state: 'dead', reason: 'status 503: device is not connected' },
    });
    await answer(
      'c-2',
      { status: '503', 'content-type': notification },
      '{"error":"device is not connected"}',
    );
    await refused;
  });
});
