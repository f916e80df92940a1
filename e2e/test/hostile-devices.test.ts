import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { textHeaders } from '@preservarium/backend';
import { type Connector, runConnector } from '@preservarium/connector';
import { decodeLifecycleEvent, type LifecycleEvent, type Protocol } from '@preservarium/core';
import { readDeadLetter } from '@preservarium/dead-letters';
import type { Deliverer } from '@preservarium/deliverer';
import { createHttpDeliverer } from '@preservarium/deliverer-http';
import { createMqttDeliverer } from '@preservarium/deliverer-mqtt';
import { createTestTopic, publishWithMosquitto, readTopic, startMosquitto } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { describe, expect, onTestFinished, test } from 'vitest';
import { backends, type CreateBackend } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
const timeout = 60_000;

/** A connector on topics of its own, and what it wrote. */
async function createScene(createBackend: CreateBackend, protocol: string) {
  const commands = await createTestTopic(kafka, { partitions: 1 });
  const topics = {
    commands,
    waiting: `${commands}-w`,
    deadLetters: `${commands}-d`,
    events: `${commands}-e`,
  };
  const service = createPusherService({ backend: createBackend(kafka), commandTopic: commands });
  onTestFinished(() => service.close());
  return {
    topics,
    async start(deliverer: Deliverer): Promise<Connector> {
      const backend = createBackend(kafka);
      const connector = await runConnector({
        backend,
        deliverer,
        groupId: commands,
        from: 'beginning',
        topics,
      });
      onTestFinished(() => connector.close());
      return connector;
    },
    push: async (deviceId: string) =>
      (
        await service.pushCommand({
          deviceId,
          commandType: 'set_led',
          protocol: protocol as Protocol,
          payload: {},
        })
      ).requestId,
    async events(requestId?: string): Promise<LifecycleEvent[]> {
      const events = (await readTopic(kafka, topics.events)).map(({ value }) => {
        const decoded = decodeLifecycleEvent(value);
        if (!decoded.ok) throw new Error(decoded.message);
        return decoded.event;
      });
      return events.filter((event) => requestId === undefined || event.requestId === requestId);
    },
    async deadLetters() {
      return (await readTopic(kafka, topics.deadLetters)).map((record) => {
        const read = readDeadLetter(record);
        if (!read.ok) throw new Error(read.message);
        return read.letter;
      });
    },
  };
}

describe.each(Object.entries(backends))('through %s', (_, createBackend) => {
  test('an HTTP device that answers nested or endless JSON has its command, without a result', async () => {
    const answers: Readonly<Record<string, string>> = {
      nested: '['.repeat(5_000) + ']'.repeat(5_000),
      deep: `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`,
      large: JSON.stringify('x'.repeat(100_000)),
      good: '{"on":true}',
    };
    const server = createServer((request, response) => {
      const body = answers[request.url?.slice(1) ?? ''] ?? '';
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const directory = (deviceId: string) => `http://127.0.0.1:${port}/${deviceId}`;
    const scene = await createScene(createBackend, 'http');
    const connector = await scene.start(createHttpDeliverer({ directory, evidence: 'device' }));
    for (const deviceId of Object.keys(answers)) {
      const requestId = await scene.push(deviceId);
      const delivered = async () =>
        (await scene.events(requestId)).find(({ state }) => state === 'delivered');
      await expect.poll(delivered, { timeout }).toMatchObject({ evidence: 'device' });
      const { result, reason } = (await delivered()) ?? {};
      if (deviceId === 'good') expect([result, reason]).toEqual([{ on: true }, undefined]);
      else expect([result, reason]).toEqual([undefined, expect.stringContaining('result left out')]);
    }
    expect(connector.isReady()).toBe(true);
  });

  test('an MQTT answer that grows beyond what Kafka takes is reported without its result', async () => {
    await using broker = await startMosquitto();
    const scene = await createScene(createBackend, 'mqtt');
    const connector = await scene.start(
      createMqttDeliverer({ url: broker.url, clientId: scene.topics.commands }),
    );
    const numbers = `[${'1e20,'.repeat(50_000)}0]`;
    for (const [requestId, result] of [
      ['large', numbers],
      ['good', '1'],
    ] as const) {
      await publishWithMosquitto(broker, {
        topic: `devices/pump/commands/${requestId}/response`,
        payload: `{"status":"succeeded","result":${result}}`,
      });
    }
    await expect
      .poll(() => scene.events('good'), { timeout })
      .toMatchObject([{ state: 'succeeded', result: 1 }]);
    const [large] = await scene.events('large');
    expect(large).toMatchObject({ state: 'succeeded', reason: expect.stringContaining('result left out') });
    expect(large?.result).toBeUndefined();
    expect(connector.isReady()).toBe(true);
  });

  test('Kafka records with absurd keys, headers and thousands of problems end no connector, and the next is delivered', async () => {
    const server = createServer((_request, response) => response.writeHead(204).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const scene = await createScene(createBackend, 'http');
    const { commands: topic, deadLetters } = scene.topics;
    const backend = createBackend(kafka);
    onTestFinished(() => backend.close({ timeoutMs: 10_000 }));
    await backend.connect({ timeoutMs: timeout });
    // Its limit is lower than that of the command topic: the originals do not fit.
    await backend.createTopic({
      topic: deadLetters,
      partitions: 1,
      config: { 'max.message.bytes': '200000' },
    });
    const issues = `[${Array(8_000).fill('{"a":1e999}')}]`;
    const records = [
      { key: 'k'.repeat(600_000), value: Buffer.from('{') },
      { key: 'pump', value: Buffer.from('{'), headers: textHeaders({ attempts: 'h'.repeat(600_000) }) },
      { key: 'pump', value: Buffer.from(`{"payload":${'{"a":'.repeat(62)}${issues}${'}'.repeat(62)}}`) },
      { key: 'pump', value: Buffer.from(`{"payload":{"a":[${'1e999,'.repeat(150_000)}0]}}`) },
      { key: 'pump', value: Buffer.from(`{"a":${'['.repeat(400_000)}`) },
    ];
    const outcomes = await backend.publish(
      records.map((record) => ({ topic, ...record })),
      { timeoutMs: timeout },
    );
    expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
    const connector = await scene.start(
      createHttpDeliverer({ directory: () => `http://127.0.0.1:${port}`, evidence: 'device' }),
    );
    const requestId = await scene.push('pump');
    const states = async () => (await scene.events(requestId)).map(({ state }) => state);
    await expect.poll(states, { timeout }).toEqual(['dispatched', 'delivered']);
    // Letters may come twice: those that were in a batch with one that Kafka refused.
    const offsets = async () => new Set((await scene.deadLetters()).map(({ source }) => source.offset));
    await expect.poll(offsets, { timeout }).toEqual(new Set([0, 1, 2, 3, 4]));
    const letters = await scene.deadLetters();
    const omitted = letters.filter(({ omittedBytes }) => omittedBytes !== undefined);
    expect(new Set(omitted.map(({ source }) => source.offset))).toEqual(new Set([0, 1, 3, 4]));
    const size = await scene.events().then((events) => JSON.stringify(events).length);
    expect(size).toBeLessThan(20_000);
    expect(connector.isReady()).toBe(true);
  });
});
