import { connectorArguments, startConnector } from '@preservarium/connector-process/testing';
import { createTestTopic, startKafka, startMosquitto } from '@preservarium/dev-services';
import { expect, test } from 'vitest';

const main = new URL('../dist/main.js', import.meta.url);

test.each(['kafkajs', 'rdkafka'])(
  'with %s: is not ready while Kafka does not answer, and lives on',
  async (backend) => {
    await using kafka = await startKafka({ isolated: true });
    await using broker = await startMosquitto();
    const topic = await createTestTopic(kafka.settings, { partitions: 1 });
    const args = ['--brokers', kafka.brokers.join(','), '--backend', backend, '--mqtt-url', broker.url];
    await using connector = startConnector(main, [...connectorArguments(topic), ...args]);
    await connector.until('/readyz', ({ status }) => status === 200);
    kafka.freeze();
    const { body } = await connector.until('/readyz', ({ status }) => status === 503);
    expect(body).toMatchObject({ ready: false, kafka: 'not connected', devices: 'connected' });
    await connector.until('/healthz', ({ status }) => status === 200);
    kafka.thaw();
    await connector.until('/readyz', ({ status }) => status === 200);
  },
  120_000,
);
