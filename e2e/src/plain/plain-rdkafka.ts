import type { AuditedRecord } from '@preservarium/conformance';
import Rdkafka, { type Producer } from 'node-rdkafka';
import { numberedPush, type PlainClient, recordValue } from './plain-client.js';

const pushed = 30_000;

/** Reports for failures alone, and what has no report when `flush` calls back is taken for acknowledged. */
export const plainRdkafka: PlainClient = async ({ brokers, topic, disturb }) => {
  const producer = new Rdkafka.Producer(
    {
      'metadata.broker.list': brokers.join(','),
      'enable.idempotence': true,
      'delivery.report.only.error': true,
      dr_msg_cb: true,
    },
    { 'message.timeout.ms': 3_000, partitioner: 'murmur2_random' },
  );
  const failed = new Set<string>();
  producer.on('delivery-report', (error, { key, value }) => {
    if (error) failed.add(idOf(String(key), String(value)));
  });
  await connect(producer);
  producer.setPollInterval(10);

  let disturbance: Promise<void> | undefined;
  const pushes: AuditedRecord[] = [];
  for (let number = 0; number < pushed; number++) {
    if (number === pushed / 2) disturbance = disturb();
    const push = numberedPush(number);
    producer.produce(topic, null, Buffer.from(recordValue(push)), push.deviceId);
    pushes.push(push);
  }
  await flush(producer);
  const outcomes = pushes.map((push) => ({
    ...push,
    acknowledged: !failed.has(idOf(push.deviceId, recordValue(push))),
  }));
  await disturbance;
  await disconnect(producer);
  return outcomes;
};

function idOf(key: string, value: string): string {
  return `${key} ${value}`;
}

function connect(producer: Producer): Promise<void> {
  return new Promise((resolve, reject) => {
    producer.connect({}, (error) => (error ? reject(error) : resolve()));
  });
}

function flush(producer: Producer): Promise<void> {
  return new Promise((resolve, reject) => {
    producer.flush(20_000, (error) => (error ? reject(error) : resolve()));
  });
}

function disconnect(producer: Producer): Promise<void> {
  return new Promise((resolve) => {
    producer.disconnect(() => resolve());
  });
}
