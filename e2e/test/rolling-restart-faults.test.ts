import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { auditPushes } from '@preservarium/conformance';
import {
  connectorArguments,
  startConnector,
  type TestedConnector,
} from '@preservarium/connector-process/testing';
import {
  createTestTopic,
  type MosquittoSubscriber,
  startKafka,
  startMosquitto,
  subscribeWithMosquitto,
} from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { afterAll, expect, test } from 'vitest';

const kafka = await startKafka();
const broker = await startMosquitto();
afterAll(async () => {
  await kafka.stop();
  await broker.stop();
});

const main = new URL('../../apps/mqtt-connector/dist/main.js', import.meta.url);
const partitions = 12;
const deviceIds = Array.from({ length: 120 }, (_, index) => `device-${index}`);
const pushEveryMs = 500;
const betweenRestartsMs = 3_000;
const pushTimeoutMs = 120_000;

/** A delivery to a device. */
interface Received {
  readonly deviceId: string;
  readonly sequence: number;
  readonly atMs: number;
}

/** Prints a line of JSON: the longest pause of each device, as percentiles over the devices, pauses above a second of all, and how long each restart took. */
test.each([
  ['with CONNECTOR_INSTANCE_ID', true],
  ['without it', false],
])(
  'three connectors on 12 partitions restart one by one %s: nothing is lost, repeated or reordered',
  async (_, isStatic) => {
    const topic = await createTestTopic(kafka.settings, { partitions });
    const received: Received[] = [];
    await using devices = await subscribeWithMosquitto(broker, { topic: 'devices/+/commands' });
    void note(devices, received);
    const start = (index: number) =>
      startConnector(
        main,
        [...connectorArguments(topic), '--mqtt-url', broker.url, '--backend', 'rdkafka', '--settings', 'off'],
        {
          environment: {
            KAFKA_BOOTSTRAP_SERVERS: kafka.brokers.join(','),
            ...(isStatic && { CONNECTOR_INSTANCE_ID: `connector-${index}` }),
          },
        },
      );
    const isReady = (connector: TestedConnector) =>
      connector.until('/readyz', ({ status }) => status === 200);
    const connectors = [0, 1, 2].map(start);
    await using pushing = startPushing(topic);
    try {
      for (const connector of connectors) {
        await connector.until(
          '/readyz',
          ({ body }) => (body.partitions as unknown[] | undefined)?.length === 4,
        );
      }
      await pushing.goOnFor(betweenRestartsMs);
      const beganAtMs = performance.now();
      const restartsMs: number[] = [];
      for (const [index, connector] of connectors.entries()) {
        const killedAtMs = performance.now();
        connector.kill('SIGTERM');
        await connector.ended;
        const restarted = start(index);
        connectors[index] = restarted;
        await isReady(restarted);
        restartsMs.push(Math.round(performance.now() - killedAtMs));
        await pushing.goOnFor(betweenRestartsMs);
      }
      const endedAtMs = performance.now();
      const pushes = await pushing.stop();
      await expect
        .poll(() => auditPushes(pushes, received), { timeout: 60_000 })
        .toEqual({ acknowledged: pushes.length, missing: 0, repeated: 0, outOfOrder: 0 });
      const gaps = deviceIds.map((deviceId) => gapsMs(received.filter(isOf(deviceId, beganAtMs, endedAtMs))));
      const pauses = gaps.map((ofDevice) => Math.max(...ofDevice)).sort((a, b) => a - b);
      const longPauses = gaps.flat().filter((ms) => ms > 1_000).length;
      const at = (share: number) => Math.round(pauses[Math.ceil(share * pauses.length) - 1] ?? Number.NaN);
      const longest = { p50Ms: at(0.5), p99Ms: at(0.99), longestMs: at(1) };
      const counts = { pushes: pushes.length, longPauses, devices: deviceIds.length };
      console.info(JSON.stringify({ isStatic, restartsMs, ...longest, ...counts }));
    } finally {
      for (const connector of connectors) await connector[Symbol.asyncDispose]();
    }
  },
  300_000,
);

async function note({ received: messages }: MosquittoSubscriber, received: Received[]): Promise<void> {
  for await (const { topic, payload } of messages) {
    const [, deviceId = ''] = topic.split('/');
    const { sequence } = JSON.parse(payload.toString()) as { sequence: number };
    received.push({ deviceId, sequence, atMs: performance.now() });
  }
}

const isOf =
  (deviceId: string, fromMs: number, untilMs: number) =>
  (one: Received): boolean =>
    one.deviceId === deviceId && one.atMs >= fromMs && one.atMs <= untilMs;

/** Times between one delivery and the next. */
function gapsMs(received: readonly Received[]): number[] {
  return received.slice(1).map(({ atMs }, index) => atMs - (received[index]?.atMs ?? atMs));
}

/** Pushes a command to each device in turn, twice a second. */
function startPushing(topic: string) {
  const service = createPusherService({
    backend: createRdkafkaBackend(kafka.settings),
    commandTopic: topic,
  });
  const pushes: Promise<{ deviceId: string; sequence: number; acknowledged: boolean }>[] = [];
  const stopping = new AbortController();

  async function push(number: number) {
    const deviceId = deviceIds[number % deviceIds.length] as string;
    const sequence = Math.floor(number / deviceIds.length);
    const command = { deviceId, commandType: 'set_led', protocol: 'mqtt', payload: { sequence } } as const;
    await service.pushCommand(command, { timeoutMs: pushTimeoutMs });
    return { deviceId, sequence, acknowledged: true };
  }

  async function keepPushing(): Promise<void> {
    const beganAtMs = performance.now();
    while (!stopping.signal.aborted) {
      const due = ((performance.now() - beganAtMs) * deviceIds.length) / pushEveryMs;
      while (pushes.length < due) pushes.push(push(pushes.length));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  const pushing = keepPushing();
  async function stop() {
    stopping.abort();
    await pushing;
    return Promise.all(pushes);
  }

  return {
    goOnFor: (timeMs: number) => new Promise((resolve) => setTimeout(resolve, timeMs)),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await service.close();
    },
  };
}
