import { createTestTopic, type KafkaCluster } from '@preservarium/dev-services';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { deviceOf, envelopeOf, type NumberedCommands, numbersOf } from '../numbered-command.js';

/** A topic with commands as they are after a push. */
export interface CommandLog extends AsyncDisposable {
  readonly topic: string;
  /** Resolves when Kafka has them. No consumer gets one before `release`, which lets all of them go at once. */
  write(commands: NumberedCommands): Promise<HeldBack>;
}

interface HeldBack {
  release(): Promise<void>;
}

const recordsPerRequest = 5_000;

/**
 * A transaction for each write: consumers that read what is committed, as they do by default, wait for its commit. At the end the
 * topic is deleted, and with it all that are named after it.
 */
export async function openCommandLog({ brokers, settings }: KafkaCluster): Promise<CommandLog> {
  const topic = await createTestTopic(settings, { partitions: 6 });
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    transactionalId: topic,
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  const admin = kafka.admin();
  await Promise.all([producer.connect(), admin.connect()]);

  return {
    topic,
    async write(commands) {
      const transaction = await producer.transaction();
      const numbers = numbersOf(commands);
      for (let messages = take(numbers); messages.length > 0; messages = take(numbers)) {
        await transaction.send({ topic, messages });
      }
      return { release: () => transaction.commit() };
    },
    async [Symbol.asyncDispose]() {
      const topics = await admin.listTopics();
      await admin.deleteTopics({ topics: topics.filter((name) => name.startsWith(topic)) });
      await Promise.all([producer.disconnect(), admin.disconnect()]);
    },
  };
}

function take(numbers: Iterator<number>) {
  const messages: { readonly key: string; readonly value: string }[] = [];
  while (messages.length < recordsPerRequest) {
    const next = numbers.next();
    if (next.done) break;
    messages.push({ key: deviceOf(next.value), value: JSON.stringify(envelopeOf(next.value)) });
  }
  return messages;
}
