import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectorArguments, startConnector } from '@preservarium/connector-process/testing';
import { createTestTopic, startMosquitto, subscribeWithMosquitto } from '@preservarium/dev-services';
import { expect, test } from 'vitest';
import { sharedKafka } from '../src/shared-kafka.js';
import { startTraceCollector } from '../src/trace-collector.js';

const execute = promisify(execFile);
const kafka = sharedKafka();
const pusher = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const mqttConnector = new URL('../../apps/mqtt-connector/dist/main.js', import.meta.url);
const timeout = 60_000;

function push(topic: string, environment: Readonly<Record<string, string>>) {
  const { PATH } = process.env;
  const device = ['--device', 'lamp-7', '--type', 'set_led', '--protocol', 'mqtt', '--payload', '{}'];
  return execute(process.execPath, [pusher, 'push', ...device, '--command-topic', topic], {
    // Where no .env file is.
    cwd: tmpdir(),
    env: { PATH, KAFKA_BOOTSTRAP_SERVERS: kafka.brokers.join(','), ...environment },
  });
}

test.each(['kafkajs', 'rdkafka'])(
  '%s: pusher and a connector send one trace where OTEL_* says so',
  async (backend) => {
    await using collector = await startTraceCollector();
    await using broker = await startMosquitto();
    await using _lamp = await subscribeWithMosquitto(broker, { topic: 'devices/lamp-7/commands' });
    const topic = await createTestTopic(kafka, { partitions: 1 });
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      PUSHER_BACKEND: backend,
    };
    const args = [...connectorArguments(topic), '--mqtt-url', broker.url];
    await using connector = startConnector(mqttConnector, args, { environment });
    const { stderr } = await push(topic, { ...environment, OTEL_SERVICE_NAME: 'shell' });
    expect(stderr).toBe('');
    const names = () => collector.spans.map(({ name }) => name);
    await expect.poll(names, { timeout }).toContain('deliver mqtt');
    connector.kill('SIGTERM');
    expect(await connector.ended).toEqual({ exitCode: 0, stderr: '' });

    const send = collector.spans.find(({ service }) => service === 'shell');
    expect(send?.name).toBe(`send ${topic}`);
    const deliver = collector.spans.find(({ name }) => name === 'deliver mqtt');
    expect(deliver).toEqual({ service: 'mqtt-connector', name: 'deliver mqtt', traceId: send?.traceId });
    expect(collector.paths).toEqual(new Set(['/v1/traces', '/v1/metrics']));
  },
);

test('a collector that is away is said on stderr, and the push is done', async () => {
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const { stdout, stderr } = await push(topic, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
  expect(stdout).toMatch(/^pushed /);
  expect(stderr).toMatch(/^pusher: telemetry: .*/);
});

test('disabled telemetry takes /metrics away', async () => {
  const topic = await createTestTopic(kafka, { partitions: 1 });
  await using broker = await startMosquitto();
  const environment = { OTEL_SDK_DISABLED: 'true' };
  const args = [...connectorArguments(topic), '--mqtt-url', broker.url];
  await using connector = startConnector(mqttConnector, args, { environment });
  expect(JSON.parse(await connector.scrape())).toEqual({ paths: ['/healthz', '/readyz'] });
});
