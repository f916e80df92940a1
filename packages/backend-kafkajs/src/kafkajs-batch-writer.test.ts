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
  return { topic: 'commands', partition: 0, records };
}

async function write(writer: ReturnType<typeof createBatchWriter>, values: string[], withinMs = 5_000) {
  const outcomes = await writer.write(group(...values), Date.now() + withinMs);
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

test('a send that is not answered by the deadline is answered then, and holds up its partition until it has ended', async () => {
  const writer = createBatchWriter(options);
  const sent = Promise.withResolvers<RecordMetadata[]>();
  fake.send = () => sent.promise;
  expect(await write(writer, ['a'], 50)).toEqual(['PUBLISH_TIMED_OUT']);
  fake.send = acknowledge;
  const next = write(writer, ['b']);
  expect(fake.producers.map((producer) => producer.sent)).toEqual([[['a']]]);
  sent.reject(new KafkaJSConnectionError('Closed connection'));
  expect(await next).toEqual([0]);
  expect(fake.producers.map((producer) => producer.sent)).toEqual([[['a']], [['b']]]);
  expect(fake.producers.map(({ destroyed }) => destroyed)).toEqual([true, false]);
});

test('a partition whose send fails or stalls takes no other with it', async () => {
  const writer = createBatchWriter(options);
  const sent = Promise.withResolvers<RecordMetadata[]>();
  fake.send = () => sent.promise;
  const healthy = writer.write({ ...group('h'), partition: 1 }, Date.now() + 5_000);
  await vi.waitFor(() => expect(fake.producers[0]?.sent).toEqual([['h']]));
  fake.send = async () => {
    throw new KafkaJSConnectionError('Closed connection');
  };
  expect(await write(writer, ['a'])).toEqual(['BACKEND_UNAVAILABLE']);
  expect(fake.producers[0]?.destroyed).toBe(false);
  sent.resolve(await acknowledge({ topic: 'commands', messages: [{ value: 'h' }] }));
  expect(await healthy).toMatchObject([{ ok: true }]);
  expect(fake.producers[0]?.destroyed).toBe(true);
});

test('batches that waited for the one in flight are sent together, each with its own outcomes', async () => {
  const writer = createBatchWriter(options);
  const sent = Promise.withResolvers<RecordMetadata[]>();
  fake.send = () => sent.promise;
  const first = write(writer, ['a']);
  const others = [write(writer, ['b', 'c']), write(writer, ['d'])];
  await vi.waitFor(() => expect(fake.producers[0]?.sent).toEqual([['a']]));
  fake.send = acknowledge;
  sent.resolve(await acknowledge({ topic: 'commands', messages: [{ value: 'a' }] }));
  expect(await first).toEqual([0]);
  expect(await Promise.all(others)).toEqual([[1, 2], [3]]);
  expect(fake.producers[0]?.sent).toEqual([['a'], ['b', 'c', 'd']]);
  expect(writer.isBusy({ topic: 'commands', partition: 0 })).toBe(false);
});

test('a refusal that leaves nothing written keeps the producer', async () => {
  const writer = createBatchWriter(options);
  fake.send = async () => {
    throw new KafkaJSProtocolError(
      Object.assign(new Error('denied'), { type: 'TOPIC_AUTHORIZATION_FAILED', code: 29, retriable: false }),
    );
  };
  expect(await write(writer, ['a'])).toEqual(['AUTHORIZATION_FAILED']);
  fake.send = acknowledge;
  expect(await write(writer, ['b'])).toEqual([0]);
  expect(fake.producers).toHaveLength(1);
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
