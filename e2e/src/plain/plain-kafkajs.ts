import { setTimeout as pause } from 'node:timers/promises';
import type { AuditedPush, AuditedRecord } from '@preservarium/conformance';
import { Kafka, KafkaJSError, logLevel, Partitioners } from 'kafkajs';
import { numberedPush, type PlainClient, recordValue } from './plain-client.js';

const callers = 20;
const recordsPerSend = 10;

/** An idempotent producer, and `send`s side by side. */
export const plainKafkajs: PlainClient = async ({ brokers, topic, disturb }) => {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, requestTimeout: 1_000 });
  const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
  const pushes: AuditedPush[] = [];
  let started = 0;
  let stopping = false;
  const sendsAreUnderWay = Promise.withResolvers<void>();

  async function keepSending(): Promise<void> {
    while (!stopping) {
      const sent = Array.from({ length: recordsPerSend }, () => numberedPush(started++));
      const acknowledged = await send(sent);
      for (const push of sent) pushes.push({ ...push, acknowledged });
      if (pushes.length > 1_000) sendsAreUnderWay.resolve();
      if (!acknowledged) await pause(100);
    }
  }

  async function send(sent: readonly AuditedRecord[]): Promise<boolean> {
    try {
      const messages = sent.map((push) => ({ key: push.deviceId, value: recordValue(push) }));
      await producer.send({ topic, messages });
      return true;
    } catch (error) {
      if (error instanceof KafkaJSError) return false;
      throw error;
    }
  }

  await producer.connect();
  const sending = Promise.all(Array.from({ length: callers }, keepSending));
  await sendsAreUnderWay.promise;
  await disturb();
  stopping = true;
  await sending;
  await producer.disconnect();
  return pushes;
};
