import { type Backend, partitionForKey } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { runConnector } from '@preservarium/connector';
import { decodeLifecycleEvent } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import { createTestTopic, leadersOf, readTopic, startKafka } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { afterAll, expect, test } from 'vitest';

const kafka = await startKafka({ brokers: 3 });
afterAll(() => kafka.stop());

const partitions = 6;
const deviceIds = Array.from({ length: 60 }, (_, number) => `device-${number}`);
const roundsInOutage = 5;
const patient = { timeout: 60_000 };

/** A device side that executes at once, and notes the numbers that each device got. */
function createDevices() {
  const executed = new Map<string, number[]>(deviceIds.map((deviceId) => [deviceId, []]));
  const deliverer: Deliverer = {
    protocol: 'mqtt',
    async start() {},
    async deliver({ deviceId, payload }, { maySend }) {
      maySend?.();
      executed.get(deviceId)?.push(payload.number as number);
      return { kind: 'delivered', evidence: 'device' };
    },
    isReady: () => true,
    async close() {},
  };
  return { deliverer, executed };
}

test.each<[string, (options: typeof kafka.settings) => Backend]>([
  ['kafkajs', createKafkajsBackend],
  ['rdkafka', createRdkafkaBackend],
])(
  '%s: while one partition of the events has no leader, the devices of the others get their commands',
  async (_, createBackend) => {
    const replicated = { partitions, replicationFactor: 3, config: { 'min.insync.replicas': '2' } };
    const keptForEver = { ...replicated, config: { ...replicated.config, 'retention.ms': '-1' } };
    const [commands, waiting, deadLetters, events] = await Promise.all([
      createTestTopic(kafka.settings, replicated),
      createTestTopic(kafka.settings, keptForEver),
      createTestTopic(kafka.settings, replicated),
      createTestTopic(kafka.settings, { partitions, replicationFactor: 1 }),
    ]);
    const leaders = await leadersOf(kafka.settings, events);
    const victim = leaders[0] as number;
    const isHealthy = (deviceId: string) => leaders[partitionForKey(deviceId, partitions)] !== victim;
    const healthy = deviceIds.filter(isHealthy);
    const { deliverer, executed } = createDevices();
    await using service = createPusherService({
      backend: createBackend(kafka.settings),
      commandTopic: commands,
    });
    await using _connector = await runConnector({
      backend: createBackend(kafka.settings),
      deliverer,
      groupId: `connector of ${commands}`,
      topics: { commands, waiting, events, deadLetters },
      from: 'beginning',
    });
    let number = 0;
    const pushRound = async () => {
      const payload = { number: number++ };
      const command = { commandType: 'set', protocol: 'mqtt', payload } as const;
      await Promise.all(
        deviceIds.map((deviceId) =>
          service.pushCommand({ ...command, deviceId }, { timeoutMs: patient.timeout }),
        ),
      );
    };
    const numbers = (upTo: number) => Array.from({ length: upTo }, (_, one) => one);
    const executedBy = (ids: readonly string[]) =>
      ids.map((deviceId) => [...new Set(executed.get(deviceId))]);

    await pushRound();
    await expect.poll(() => executedBy(deviceIds), patient).toEqual(deviceIds.map(() => numbers(1)));
    await kafka.kill(victim);
    try {
      for (let round = 0; round < roundsInOutage; round++) await pushRound();
      await expect.poll(() => executedBy(healthy), patient).toEqual(healthy.map(() => numbers(number)));
    } finally {
      await kafka.start(victim);
    }
    await expect.poll(() => executedBy(deviceIds), patient).toEqual(deviceIds.map(() => numbers(number)));
    for (const received of executed.values()) expect(received).toEqual([...received].sort((a, b) => a - b));
    const delivered = async () => {
      const ends = new Set<string>();
      for (const { value } of await readTopic(kafka.settings, events)) {
        const decoded = decodeLifecycleEvent(value);
        if (decoded.ok && decoded.event.state === 'delivered') ends.add(decoded.event.requestId);
      }
      return ends.size;
    };
    await expect.poll(delivered, patient).toBe(deviceIds.length * number);
  },
  300_000,
);
