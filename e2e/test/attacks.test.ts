import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { feedCommandStore } from '@preservarium/command-store';
import { createMemoryCommandStore } from '@preservarium/command-store/memory';
import { runConnector } from '@preservarium/connector';
import { createTopicPolicy, defaultDeviceTopics } from '@preservarium/core';
import { readDeadLetter, redriveRecord } from '@preservarium/dead-letters';
import type { Deliverer } from '@preservarium/deliverer';
import { createCoapDeliverer } from '@preservarium/deliverer-coap';
import { createHttpDeliverer, signReport } from '@preservarium/deliverer-http';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import {
  createTestTopic,
  freeUdpPort,
  publishWithMosquitto,
  readTopic,
  startMosquitto,
  subscribeWithMosquitto,
} from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { expect, onTestFinished, test } from 'vitest';
import { stopped } from '../src/attacks.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
const timeout = 60_000;
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** A connector on topics of its own, an application, and a command store of it. */
async function createScene(deliverer: Deliverer) {
  const commands = await createTestTopic(kafka, { partitions: 1 });
  const topics = {
    commands,
    waiting: `${commands}-w`,
    deadLetters: `${commands}-d`,
    events: `${commands}-e`,
  };
  const service = createPusherService({ backend: createKafkajsBackend(kafka), commandTopic: commands });
  const backend = createKafkajsBackend(kafka);
  const connector = await runConnector({ backend, deliverer, groupId: commands, from: 'beginning', topics });
  onTestFinished(async () => {
    await service.close();
    await connector.close();
  });
  return { topics, service };
}

test('a device claims the request id of another one before and after its answer: the real outcome stays', async () => {
  await using broker = await startMosquitto();
  const { topics, service } = await createScene(createMqttDeliverer({ url: broker.url }));
  await using pump = await subscribeWithMosquitto(broker, { topic: 'devices/pump/commands' });
  const answer = (device: string, status: string) =>
    publishWithMosquitto(broker, {
      topic: `devices/${device}/commands/r1/response`,
      payload: JSON.stringify({ status }),
    });
  await answer('thief', 'succeeded');
  const command = { requestId: 'r1', deviceId: 'pump', commandType: 'open', protocol: 'mqtt' } as const;
  await service.pushCommand(command);
  await pump.received[Symbol.asyncIterator]().next();
  await answer('thief', 'succeeded');
  await answer('pump', 'failed');

  const backend = createKafkajsBackend(kafka);
  await using store = createMemoryCommandStore();
  const feed = await feedCommandStore({
    ...{ backend, store, eventsTopic: topics.events, commandTopics: [topics.commands] },
    groupId: topics.events,
  });
  const state = async () => (await store.get(command))?.state;
  await expect.poll(state, { timeout }).toBe('failed');
  const { lifecycles } = await store.list({ requestId: 'r1', limit: 10 });
  expect(lifecycles.map(({ deviceId }) => deviceId)).toEqual(['pump']);
  stopped('claim the request id of another device', `the command of pump is ${await state()}`);
  await feed.close();
  await backend.close({ timeoutMs: 10_000 });
});

test('a command names the report topic of another device: a dead letter, and nothing is published', async () => {
  await using broker = await startMosquitto();
  const { topics, service } = await createScene(createMqttDeliverer({ url: broker.url }));
  await using spy = await subscribeWithMosquitto(broker, { topic: '#' });
  const push = (given: object) =>
    service.pushCommand({ deviceId: 'a', commandType: 'x', protocol: 'mqtt', ...given });
  await push({ metadata: { topic: 'devices/b/settings/reported' }, payload: { open: true } });
  await push({ topic: 'devices/b/commands' });
  await push({ topic: 'devices/a/commands' });
  const { value } = await spy.received[Symbol.asyncIterator]().next();
  expect(value?.topic).toBe('devices/a/commands');
  const letters = async () => (await readTopic(kafka, topics.deadLetters)).map(readDeadLetter);
  await expect.poll(async () => (await letters()).length, { timeout }).toBe(2);
  const messages = (await letters()).map((read) => (read.ok ? read.letter.message : ''));
  expect(messages).toEqual([
    expect.stringContaining('devices speak (reportedSettingsTopicTemplate)'),
    expect.stringContaining('allow it with commandTopics (MQTT_COMMAND_TOPICS)'),
  ]);
  for (const message of messages) stopped('name a topic of another device', message);

  const topicPolicy = createTopicPolicy({ deviceTopics: defaultDeviceTopics });
  await using strict = createPusherService({ backend: createKafkajsBackend(kafka), topicPolicy });
  await expect(
    strict.pushCommand({ deviceId: 'a', commandType: 'x', protocol: 'mqtt', topic: 'devices/b/commands' }),
  ).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });

  const [letter] = (await letters()).flatMap((read) => (read.ok ? [read.letter] : []));
  const forged = { ...letter, source: { topic: 'payments', partition: 0, offset: 0 } } as never;
  expect(() => redriveRecord(forged, [topics.commands])).toThrow('goes to command topics alone');
  stopped('redrive a forged dead letter to another topic', 'is of topic "payments"');
});

test('a signed command comes back as a report, a report comes twice, and one device reports for another', async () => {
  const commands: { readonly headers: Record<string, string>; readonly body: string }[] = [];
  const device = createServer(async (request, response) => {
    commands.push({ headers: request.headers as Record<string, string>, body: await text(request) });
    response.end();
  });
  await once(device.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void device.close());
  const port = await freeUdpPort();
  const { service } = await createScene(
    createHttpDeliverer({
      directory: () => `http://127.0.0.1:${(device.address() as { readonly port: number }).port}`,
      listen: { host: '127.0.0.1', port },
      secret: (deviceId) =>
        deviceId === 'lamp' ? secret : `whsec_${Buffer.alloc(32, 8).toString('base64')}`,
    }),
  );
  const post = (deviceId: string, body: string, headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${port}/settings/${deviceId}`, { method: 'POST', body, headers });
  await service.pushCommand({
    ...{ deviceId: 'lamp', commandType: 'x', protocol: 'http', path: '/settings/lamp', payload: { a: 1 } },
  });
  await expect.poll(() => commands, { timeout }).toHaveLength(1);
  const { connection: _, 'content-length': __, host: ___, ...reflected } = commands[0]?.headers ?? {};
  const back = await post('lamp', commands[0]?.body ?? '', reflected);
  stopped('send a signed command back as a report', `${back.status} ${await back.text()}`);
  expect(back.status).toBe(401);

  const body = '{"a":1}';
  const signed = signReport({ deviceId: 'lamp', body: Buffer.from(body) }, secret);
  expect((await post('lamp', body, signed)).status).not.toBe(401);
  const again = await post('lamp', body, signed);
  stopped('send a report again', `${again.status} ${await again.text()}`);
  expect(again.status).toBe(401);

  const stolen = await post('pump', body, signReport({ deviceId: 'pump', body: Buffer.from(body) }, secret));
  stopped('report for another device', `${stolen.status} ${await stolen.text()}`);
  expect(stolen.status).toBe(401);
});

test('a datagram with a made-up source address brings no command and no registration', async () => {
  const port = await freeUdpPort();
  await createScene(createCoapDeliverer({ listen: { host: '127.0.0.1', port } }));
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  // GET /commands/pump, confirmable; the second one with Observe 0.
  for (const options of ['b8636f6d6d616e64730470756d70', '6058636f6d6d616e64730470756d70'].map((hex) =>
    Buffer.from(hex, 'hex'),
  )) {
    const request = Buffer.concat([Buffer.from('40010007', 'hex'), options]);
    const answered = once(socket, 'message');
    socket.send(request, port, '127.0.0.1');
    const [answer] = (await answered) as [Buffer];
    // 4.01 in the second byte: class in three bits, detail in five.
    expect(answer[1]).toBe((4 << 5) | 1);
    expect(answer.length).toBeLessThanOrEqual(3 * request.length);
    stopped(
      `send ${request.length} bytes from an endpoint that is not verified`,
      `4.01, ${answer.length} bytes`,
    );
  }
});
