import { randomUUID } from 'node:crypto';
import { feedCommandStore } from '@preservarium/command-store';
import { createPostgresCommandStore } from '@preservarium/command-store-postgres';
import { createTestTopic, startMosquitto, startPostgres } from '@preservarium/dev-services';
import { startMqttDevices } from '@preservarium/device-simulator';
import { createPusherService } from '@preservarium/publisher';
import { createTracker } from '@preservarium/tracking';
import { afterAll, expect, test } from 'vitest';
import { backends } from '../src/backends.js';
import { type ConnectorProcess, startConnectorProcess } from '../src/connector-process.js';
import { sharedKafka } from '../src/shared-kafka.js';

const deviceCount = 1_000;
const commandCount = 10_000;
const timeoutMs = 180_000;

const kafka = sharedKafka();
const mosquitto = await startMosquitto();
const postgres = await startPostgres();
afterAll(() => Promise.all([mosquitto.stop(), postgres.stop()]));

test.each(['kafkajs', 'rdkafka'] as const)(
  '%s: 10,000 two-way commands in a burst, the connector killed among them, are all answered',
  async (backendName) => {
    const commands = await createTestTopic(kafka, { partitions: 6 });
    const events = await createTestTopic(kafka, { partitions: 6 });
    const deviceIds = Array.from({ length: deviceCount }, (_, index) => `${randomUUID()}-${index}`);
    const executions = new Map<string, number>();
    await using _devices = await startMqttDevices({
      url: mosquitto.url,
      deviceIds,
      async execute({ requestId = '', payload }) {
        executions.set(requestId, (executions.get(requestId) ?? 0) + 1);
        return { status: 'succeeded', result: payload };
      },
    });
    const startConnector = (): Promise<ConnectorProcess> =>
      startConnectorProcess({
        backend: backendName,
        brokers: kafka.brokers,
        // The same client id, so that the broker keeps the answers that come while none is there.
        mqtt: { url: mosquitto.url, clientId: commands, answerGroup: commands },
        connector: {
          groupId: `${commands}-connector`,
          from: 'beginning',
          topics: { commands, waiting: `${commands}-waiting`, deadLetters: `${commands}-dead`, events },
        },
      });
    const backend = backends[backendName](kafka);
    await using service = createPusherService({ backend, commandTopic: commands });
    await using tracker = await createTracker({ backend, eventsTopic: events });
    await using store = await createPostgresCommandStore({ url: await postgres.createDatabase() });
    await using feed = await feedCommandStore({
      backend,
      store,
      eventsTopic: events,
      commandTopics: [commands],
    });

    const first = await startConnector();
    const latenciesMs: number[] = [];
    const answers = Array.from({ length: commandCount }, async (_, number) => {
      const startedAtMs = performance.now();
      const deviceId = deviceIds[number % deviceCount] as string;
      const command = { deviceId, commandType: 'count', protocol: 'mqtt' as const, payload: { number } };
      const lifecycle = await tracker.pushAndWait(service, command, { until: 'succeeded', timeoutMs });
      latenciesMs.push(performance.now() - startedAtMs);
      return lifecycle;
    });
    const answered = Promise.all(answers);
    await expect.poll(() => executions.size, { timeout: timeoutMs }).toBeGreaterThan(500);
    await first.kill();
    expect(executions.size).toBeLessThan(commandCount);
    const second = await startConnector();

    const lifecycles = await answered;
    expect(lifecycles.map(({ result }) => result)).toEqual(answers.map((_, number) => ({ number })));
    await feed.untilCaughtUp({ timeoutMs });
    expect(await store.countByState()).toEqual({ succeeded: commandCount });
    await second.end();

    const repeated = [...executions.values()].reduce((sum, times) => sum + times - 1, 0);
    const [p50, p99] = [0.5, 0.99].map((share) => quantile(latenciesMs, share));
    console.info(
      `${backendName}: two-way commands ${commandCount}, answered ${lifecycles.length}, lost 0, executed again ${repeated}; p50 ${p50} ms, p99 ${p99} ms, the restart included`,
    );
  },
);

function quantile(values: readonly number[], share: number): number {
  return Math.round(
    values.toSorted((one, other) => one - other)[Math.floor(values.length * share)] ?? Number.NaN,
  );
}
