import { type Connector, runConnector } from '@preservarium/connector';
import { encodeLifecycleEvent } from '@preservarium/core';
import type { ConnectorPort, Deliverer } from '@preservarium/deliverer';
import { createTestTopic } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { createTracker } from '@preservarium/tracking';
import { expect, test } from 'vitest';
import { backends } from '../src/backends.js';
import { sharedKafka } from '../src/shared-kafka.js';

const kafka = sharedKafka();
const devices = 100;
const timeoutMs = 120_000;

/** Devices that answer each command with its number, before they acknowledge it. */
function createAnsweringDeliverer(onDelivery: () => void): Deliverer {
  let port: ConnectorPort | undefined;
  return {
    protocol: 'mqtt',
    async start(given) {
      port = given;
    },
    async deliver({ requestId, deviceId, payload }) {
      onDelivery();
      const result = payload.number ?? null;
      await port?.report({ requestId, deviceId, state: 'succeeded', result });
      return { kind: 'delivered', evidence: 'device' };
    },
    isReady: () => port !== undefined,
    async close() {},
  };
}

test.each(Object.entries(backends))(
  '%s: every command is answered, also those in flight while connectors are restarted',
  async (_, createBackend) => {
    const commands = await createTestTopic(kafka, { partitions: 6 });
    const events = await createTestTopic(kafka, { partitions: 6 });
    let deliveries = 0;
    const startConnector = (): Promise<Connector> =>
      runConnector({
        backend: createBackend(kafka),
        deliverer: createAnsweringDeliverer(() => {
          deliveries += 1;
        }),
        groupId: `${commands}-connector`,
        from: 'beginning',
        topics: { commands, waiting: `${commands}-waiting`, deadLetters: `${commands}-dead`, events },
      });
    const backend = createBackend(kafka);
    await using service = createPusherService({ backend, commandTopic: commands });
    await using tracker = await createTracker({ backend, eventsTopic: events });
    const push = (count: number, from: number) =>
      Array.from({ length: count }, (_, index) =>
        tracker.pushAndWait(
          service,
          {
            deviceId: `device-${index % devices}`,
            commandType: 'count',
            protocol: 'mqtt',
            payload: { number: from + index },
          },
          { until: 'succeeded', timeoutMs },
        ),
      );

    const first = await startConnector();
    const waits = push(1_000, 0);
    await expect.poll(() => deliveries, { timeout: timeoutMs }).toBeGreaterThan(0);
    const closing = first.close();
    waits.push(...push(1_000, 1_000));
    await closing;
    await using _second = await startConnector();
    waits.push(...push(1_000, 2_000));

    const lifecycles = await Promise.all(waits);
    expect(lifecycles.map(({ result }) => result)).toEqual(waits.map((_, index) => index));
    console.info(`waited for ${waits.length}, answered ${lifecycles.length}, deliveries ${deliveries}`);
  },
);

test.each(Object.entries(backends))(
  '%s: an event written right after createTracker is heard',
  async (_, createBackend) => {
    const events = await createTestTopic(kafka, { partitions: 6 });
    const backend = createBackend(kafka);
    await using _service = createPusherService({ backend });
    await using tracker = await createTracker({ backend, eventsTopic: events });
    const tracked = tracker.track({ deviceId: 'd1', requestId: 'r1' }).next();
    const event = { requestId: 'r1', deviceId: 'd1', state: 'expired', timestamp: new Date(1) } as const;
    const record = { topic: events, key: 'd1', value: encodeLifecycleEvent(event) };
    await backend.publish([record], { timeoutMs });
    expect((await tracked).value).toMatchObject({ state: 'expired', timestamp: new Date(1) });
  },
);

test.each(Object.entries(backends))(
  '%s: no tracker where the topic does not exist',
  async (_, createBackend) => {
    const backend = createBackend(kafka);
    await using _service = createPusherService({ backend });
    await expect(createTracker({ backend, eventsTopic: 'no-such-events' })).rejects.toMatchObject({
      code: 'TOPIC_UNKNOWN',
    });
  },
);
