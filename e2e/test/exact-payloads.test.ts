import { runConnector } from '@preservarium/connector';
import { createCoapDeliverer } from '@preservarium/deliverer-coap';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import {
  type AiocoapServer,
  createTestTopic,
  type Mosquitto,
  startAiocoapServer,
  startMosquitto,
  subscribeWithMosquitto,
  writeTopic,
} from '@preservarium/dev-services';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backends } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

let broker: Mosquitto;
let coapDevice: AiocoapServer;
beforeAll(async () => {
  [broker, coapDevice] = await Promise.all([startMosquitto({ webSocket: true }), startAiocoapServer()]);
}, 600_000);
afterAll(async () => {
  await broker?.stop();
  await coapDevice?.stop();
});

/** Payloads as a producer in any language writes them, and the bytes that their device gets. */
const payloads = [
  ['{"serial":1724442618569203714,"target":21.0}', '{"serial":1724442618569203714,"target":21.0}'],
  ['{"steps":[1e3,-0,0.10,1E-7]}', '{"steps":[1e3,-0,0.10,1E-7]}'],
  ['{"z":1,"a":2,"10":3,"9":4}', '{"z":1,"a":2,"10":3,"9":4}'],
  ['{"text":"\\u00fc\\ud83d\\ude00"}', '{"text":"\\u00fc\\ud83d\\ude00"}'],
  ['{"$value":21.50}', '21.50'],
  ['{"$value":1724442618569203714}', '1724442618569203714'],
  ['{"$value":"ON"}', '"ON"'],
  ['{"$bytes":"4f4e"}', 'ON'],
  ['{"$value":{"$value":1.0}}', '{"$value":1.0}'],
] as const;
const expected = payloads.map(([, bytes]) => bytes);

const ways = [5, 4].flatMap((version) => ['TCP', 'WebSocket'].map((transport) => ({ version, transport })));

/** The records of a producer that knows no library of ours. */
function recordsFor(protocol: 'mqtt' | 'coap') {
  return payloads.map(([payload], number) => ({
    partition: 0,
    key: 'lamp',
    value: Buffer.from(
      `{"request_id":"${protocol}-${number}","timestamp":"2026-01-01T00:00:00Z","device_id":"lamp","command_type":"set","payload":${payload},` +
        `"protocol":"${protocol}","metadata":{"path":"/store/lamp"},"priority":null,"expires_at":null}`,
    ),
  }));
}

test.each(Object.entries(backends))(
  'through %s, each device gets the digits, order and bytes that a producer wrote',
  async (_, createBackend) => {
    const topic = await createTestTopic(sharedKafka(), { partitions: 1 });
    await writeTopic(sharedKafka(), topic, [...recordsFor('mqtt'), ...recordsFor('coap')]);
    const start = (name: string, deliverer: Parameters<typeof runConnector>[0]['deliverer']) =>
      runConnector({
        backend: createBackend(sharedKafka()),
        deliverer,
        groupId: `${topic}-${name}`,
        from: 'beginning',
        topics: {
          commands: topic,
          waiting: `${topic}-${name}-w`,
          deadLetters: `${topic}-d`,
          events: `${topic}-e`,
        },
      });

    await coapDevice.takeReceived();
    await using _coap = await start('coap', createCoapDeliverer({ directory: () => coapDevice.url }));
    for (const { version, transport } of ways) {
      const name = `${topic}-${version}-${transport}`;
      await using device = await subscribeWithMosquitto(broker, { topic: `${name}/lamp` });
      const deliverer = createMqttDeliverer({
        url: transport === 'TCP' ? broker.url : String(broker.webSocketUrl),
        protocolVersion: version === 5 ? 5 : 4,
        topicTemplate: `${name}/{deviceId}`,
      });
      await using _mqtt = await start(`${version}-${transport}`, deliverer);
      const received: string[] = [];
      for await (const { payload } of device.received) {
        received.push(payload.toString());
        if (received.length === expected.length) break;
      }
      expect(received, `MQTT version ${version} over ${transport}`).toEqual(expected);
    }

    const received: string[] = [];
    await expect
      .poll(async () => {
        const taken = await coapDevice.takeReceived();
        received.push(...taken.map(({ payload }) => Buffer.from(payload, 'hex').toString()));
        return received;
      })
      .toEqual(expected);
  },
);
