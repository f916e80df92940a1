import { startKafka, startMosquitto } from '@preservarium/dev-services';
import { afterAll, describe, expect, test } from 'vitest';
import { createDeliveryScene } from '../src/delivery-scene.js';

const commands = 10_000;
const kafka = await startKafka({ isolated: true });
const mosquitto = await startMosquitto();
afterAll(() => Promise.all([kafka.stop(), mosquitto.stop()]));

describe.each(['kafkajs', 'rdkafka'] as const)('through %s, nothing is lost or reordered', (backend) => {
  const scene = (settings: object = {}) =>
    createDeliveryScene({ backend, kafka: kafka.settings, mosquitto, ...settings });

  test('when nothing happens, and nothing is repeated', async () => {
    await using running = await scene();
    await running.startConnector();
    await running.push(commands);
    expect(await running.audit()).toMatchObject({ missing: 0, outOfOrder: 0, repeated: 0 });
  });

  test('when the connector is killed in mid-delivery and started again', async () => {
    await using running = await scene();
    const first = await running.startConnector();
    const pushing = running.push(commands);
    await running.untilReceived(500);
    await first.kill();
    await running.startConnector();
    await pushing;
    expect(await running.audit()).toMatchObject({ missing: 0, outOfOrder: 0 });
  });

  test('when a second connector joins and leaves under load, and nothing is repeated', async () => {
    await using running = await scene();
    await running.startConnector();
    const pushing = running.push(3 * commands);
    await running.untilReceived(500);
    const second = await running.startConnector();
    await running.untilReceived(commands);
    await second.end();
    await pushing;
    expect(await running.audit()).toMatchObject({ missing: 0, outOfOrder: 0, repeated: 0 });
  });

  test('when the MQTT broker is stopped and started', async () => {
    await using running = await scene();
    await running.startConnector();
    const pushing = running.push(commands);
    await running.untilReceived(500);
    await mosquitto.shutDown();
    await pushing;
    await mosquitto.start();
    expect(await running.audit()).toMatchObject({ missing: 0, outOfOrder: 0 });
  });

  test('when the devices are away for longer than the retry budget', async () => {
    await using running = await scene({
      subscribed: false,
      retry: { maxAttempts: 2, baseDelayMs: 20, maxDelayMs: 500 },
    });
    const first = await running.startConnector();
    await running.push(2_000);
    await running.untilWaiting(2_000);
    await first.end();
    await running.startConnector();
    await running.push(2_000);
    await running.subscribe();
    expect(await running.audit()).toMatchObject({ missing: 0, outOfOrder: 0, repeated: 0 });
  });

  test('when Kafka is stopped for 20 s and started', async () => {
    await using running = await scene();
    await running.startConnector();
    await running.push(commands);
    await running.untilReceived(500);
    await kafka.kill();
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    await kafka.start();
    await running.push(commands);
    expect(await running.audit()).toMatchObject({ missing: 0, outOfOrder: 0 });
  });
});
