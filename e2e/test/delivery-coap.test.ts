import { runConnector } from '@preservarium/connector';
import { decodeLifecycleEvent } from '@preservarium/core';
import { createCoapDeliverer } from '@preservarium/deliverer-coap';
import {
  createTestTopic,
  freeUdpPort,
  readTopic,
  requestWithLibcoap,
  startLibcoapServer,
} from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { describe, expect, test } from 'vitest';
import { backends } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

const commands = 20;
const inOrder = Array.from({ length: commands }, (_, sequence) => sequence);

describe.each(Object.entries(backends))('through %s, to devices that run libcoap', (_name, createBackend) => {
  async function createScene(coap: Parameters<typeof createCoapDeliverer>[0]) {
    const topic = await createTestTopic(sharedKafka(), { partitions: 2 });
    const service = createPusherService({ backend: createBackend(sharedKafka()), commandTopic: topic });
    return {
      topic,
      startConnector: () =>
        runConnector({
          backend: createBackend(sharedKafka()),
          deliverer: createCoapDeliverer({ ...coap, timeoutMs: 1_000 }),
          groupId: topic,
          from: 'beginning',
          topics: { commands: topic, waiting: `${topic}-w`, deadLetters: `${topic}-d`, events: `${topic}-e` },
          retry: { maxAttempts: 2, baseDelayMs: 10, maxDelayMs: 2_000 },
        }),
      async push() {
        for (const sequence of inOrder) {
          await service.pushCommand({
            deviceId: 'pump-7',
            commandType: 'set_rate',
            protocol: 'coap',
            method: 'PUT',
            path: 'example_data',
            payload: { sequence },
          });
        }
      },
      async states(state: string) {
        const records = await readTopic(sharedKafka(), `${topic}-e`);
        return records.filter(({ value }) => {
          const decoded = decodeLifecycleEvent(value);
          return decoded.ok && decoded.event.state === state;
        }).length;
      },
      [Symbol.asyncDispose]: () => service.close(),
    };
  }

  test('what waits for a device that sleeps outlives the connector, and is fetched once and in order', async () => {
    const port = await freeUdpPort();
    await using scene = await createScene({ listen: { host: '127.0.0.1', port } });
    await using first = await scene.startConnector();
    await scene.push();
    await expect.poll(() => first.status().waiting, { timeout: 30_000 }).toBe(commands);
    await first.close();

    await using second = await scene.startConnector();
    await expect.poll(() => second.status().waiting, { timeout: 60_000 }).toBe(commands);
    const url = `coap://127.0.0.1:${port}/commands/pump-7`;
    const fetched: number[] = [];
    let answer = await requestWithLibcoap({ url });
    while (answer.payload.length > 0 && fetched.length <= commands) {
      fetched.push((JSON.parse(String(answer.payload)) as { sequence: number }).sequence);
      const location = answer.options.filter((option) => option.startsWith('Location-Path:'));
      const requestId = location.at(-1)?.split(':')[1];
      answer = await requestWithLibcoap({ url: `${url}?ack=${requestId}` });
    }
    expect(fetched).toEqual(inOrder);
    await expect.poll(() => scene.states('delivered'), { timeout: 30_000 }).toBe(commands);
    expect(second.status().waiting).toBe(0);
  });

  test('a device that was silent for longer than the retry budget gets everything when it answers again', async () => {
    await using pump = await startLibcoapServer();
    await using scene = await createScene({ directory: () => pump.url });
    await using connector = await scene.startConnector();
    pump.freeze();
    await scene.push();
    await expect.poll(() => connector.status().waiting, { timeout: 30_000 }).toBe(commands);
    pump.thaw();
    await expect.poll(() => scene.states('delivered'), { timeout: 60_000 }).toBe(commands);
    const { payload } = await requestWithLibcoap({ url: `${pump.url}/example_data` });
    expect(JSON.parse(String(payload))).toEqual({ sequence: commands - 1 });
  });
});
