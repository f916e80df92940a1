import {
  KafkaJSConnectionError,
  KafkaJSProtocolError,
  type ProducerRecord,
  type RecordMetadata,
} from 'kafkajs';
import { beforeEach, expect, test, vi } from 'vitest';
import { createBatchWriter } from './kafkajs-batch-writer.js';

type Send = (request: ProducerRecord) => Promise<RecordMetadata[]>;

interface FakeProducer {
  readonly sent: string[][];
  destroyed: boolean;
}

const fake = vi.hoisted(() => ({ producers: [] as FakeProducer[], send: (async () => []) as Send }));

vi.mock('./kafkajs-client.js', () => ({
  createClient() {
    const producer: FakeProducer = { sent: [], destroyed: false };
    fake.producers.push(producer);
    return {
      lastFailure: undefined,
      destroy() {
        producer.destroyed = true;
      },
      kafka: {
        producer: () => ({
          connect: async () => {},
          disconnect: async () => {},
          send(request: ProducerRecord) {
            producer.sent.push(request.messages.map(({ value }) => String(value).slice(0, 8)));
            return fake.send(request);
          },
        }),
      },
    };
  },
}));

let nextOffset: number;

beforeEach(() => {
  fake.producers.length = 0;
  fake.send = acknowledge;
  nextOffset = 0;
});

async function acknowledge({ topic, messages }: ProducerRecord): Promise<RecordMetadata[]> {
  const baseOffset = String(nextOffset);
  nextOffset += messages.length;
  return [{ topicName: topic, partition: 0, errorCode: 0, baseOffset }];
}

function refuseForSize(): never {
  throw new KafkaJSProtocolError(
    Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE', code: 10, retriable: false }),
  );
}

function group(...values: string[]) {
  const records = values.map((value) => ({ topic: 'commands', key: 'device-1', value: Buffer.from(value) }));
  return [{ topic: 'commands', partition: 0, records }];
}

async function write(writer: ReturnType<typeof createBatchWriter>, values: string[], withinMs = 5_000) {
  const [outcomes = []] = await writer.writeBatch(group(...values), Date.now() + withinMs);
  return outcomes.map((outcome) => (outcome.ok ? outcome.receipt.offset : outcome.error.code));
}

const options = { brokers: ['localhost:9092'] };

test('the producer is kept while its outcomes are known, and receipts count from the first offset', async () => {
  const writer = createBatchWriter(options);
  expect(await write(writer, ['a', 'b'])).toEqual([0, 1]);
  expect(await write(writer, ['c'])).toEqual([2]);
  expect(fake.producers).toHaveLength(1);
});

test('after a failure that leaves the outcome unknown, the next group goes through a new producer', async () => {
  const writer = createBatchWriter(options);
  fake.send = async () => {
    throw new KafkaJSConnectionError('Closed connection');
  };
  expect(await write(writer, ['a'])).toEqual(['BACKEND_UNAVAILABLE']);
  fake.send = acknowledge;
  expect(await write(writer, ['b'])).toEqual([0]);
  expect(fake.producers.map(({ sent, destroyed }) => ({ sent, destroyed }))).toEqual([
    { sent: [['a']], destroyed: true },
    { sent: [['b']], destroyed: false },
  ]);
});

test('a send that is not answered ends at the deadline, with its producer', async () => {
  const writer = createBatchWriter(options);
  fake.send = () => new Promise(() => {});
  expect(await write(writer, ['a'], 50)).toEqual(['PUBLISH_TIMED_OUT']);
  expect(fake.producers[0]?.destroyed).toBe(true);
});

test('after a batch with an unknown outcome, nothing more of its partition is sent', async () => {
  const writer = createBatchWriter(options);
  fake.send = async () => {
    throw new KafkaJSConnectionError('Closed connection');
  };
  const large = ['1', '2', '3'].map((name) => `${name} `.padEnd(8, '.').padEnd(600_000, 'x'));
  expect(await write(writer, large)).toEqual(Array(3).fill('BACKEND_UNAVAILABLE'));
  expect(fake.producers[0]?.sent).toHaveLength(1);
});

test('a batch refused for its size is halved until only the guilty record fails', async () => {
  const writer = createBatchWriter(options);
  fake.send = async (request) =>
    request.messages.some(({ value }) => String(value) === 'guilty') ? refuseForSize() : acknowledge(request);
  expect(await write(writer, ['a', 'b', 'guilty', 'c'])).toEqual([0, 1, 'MESSAGE_TOO_LARGE', 2]);
  expect(fake.producers).toHaveLength(1);
});

test('an answer without the partition is no acknowledgement', async () => {
  const writer = createBatchWriter(options);
  fake.send = async () => [];
  expect(await write(writer, ['a'])).toEqual(['BACKEND_UNAVAILABLE']);
});
