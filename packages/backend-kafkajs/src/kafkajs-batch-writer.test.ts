import type { PublishOutcome } from '@preservarium/backend';
import {
  type ICustomPartitioner,
  KafkaJSConnectionError,
  KafkaJSProtocolError,
  type PartitionMetadata,
  type ProducerRecord,
  type RecordMetadata,
} from 'kafkajs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createBatchWriter } from './kafkajs-batch-writer.js';

/** @param attempt begins another attempt, as kafkajs does after a failure that may pass */
type Send = (request: ProducerRecord, attempt: () => void) => Promise<RecordMetadata[]>;

interface FakeProducer {
  readonly sent: string[][];
  destroyed: boolean;
}

const fake = vi.hoisted(() => ({
  producers: [] as FakeProducer[],
  send: (async () => []) as Send,
  metadata: [] as PartitionMetadata[],
}));

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
        producer: ({ createPartitioner }: { readonly createPartitioner: ICustomPartitioner }) => ({
          connect: async () => {},
          disconnect: async () => {},
          async send(request: ProducerRecord) {
            const partitioner = createPartitioner();
            const attempt = () => {
              for (const message of request.messages)
                partitioner({ topic: request.topic, partitionMetadata: fake.metadata, message });
            };
            attempt();
            producer.sent.push(request.messages.map(({ value }) => String(value).slice(0, 8)));
            return fake.send(request, attempt);
          },
        }),
      },
    };
  },
}));

let nextOffset = 0;

beforeEach(() => {
  fake.producers.length = 0;
  fake.send = acknowledge;
  fake.metadata = ledBy(1, 1, 1);
  nextOffset = 0;
});

/** Metadata of partitions with these leaders. */
function ledBy(...leaders: number[]): PartitionMetadata[] {
  return leaders.map((leader, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader,
    replicas: [leader],
    isr: [leader],
  }));
}

async function acknowledge({ topic, messages }: ProducerRecord): Promise<RecordMetadata[]> {
  const counts = new Map<number, number>();
  for (const { partition = 0 } of messages) counts.set(partition, (counts.get(partition) ?? 0) + 1);
  return [...counts].map(([partition, count]) => {
    const baseOffset = String(nextOffset);
    nextOffset += count;
    return { topicName: topic, partition, errorCode: 0, baseOffset };
  });
}

function refuseForSize(): never {
  throw new KafkaJSProtocolError(
    Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE', code: 10, retriable: false }),
  );
}

async function refuseAccess(): Promise<never> {
  throw new KafkaJSProtocolError(
    Object.assign(new Error('denied'), { type: 'TOPIC_AUTHORIZATION_FAILED', code: 29, retriable: false }),
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
  sent.resolve(await acknowledge({ topic: 'commands', messages: [{ value: 'h', partition: 1 }] }));
  expect(await healthy).toMatchObject([{ ok: true }]);
  expect(fake.producers[0]?.destroyed).toBe(true);
});

test('batches that waited for the one in flight are sent together, each with its own outcomes', async () => {
  const writer = createBatchWriter(options);
  const sent = Promise.withResolvers<RecordMetadata[]>();
  fake.send = () => sent.promise;
  const first = write(writer, ['a']);
  await vi.waitFor(() => expect(fake.producers[0]?.sent).toEqual([['a']]));
  const others = [write(writer, ['b', 'c']), write(writer, ['d'])];
  fake.send = acknowledge;
  sent.resolve(await acknowledge({ topic: 'commands', messages: [{ value: 'a' }] }));
  expect(await first).toEqual([0]);
  expect(await Promise.all(others)).toEqual([[1, 2], [3]]);
  expect(fake.producers[0]?.sent).toEqual([['a'], ['b', 'c', 'd']]);
  expect(writer.isBusy({ topic: 'commands', partition: 0 })).toBe(false);
});

describe('partitions of one broker', () => {
  const names = ['p', 'q', 'r'];

  /** Writes a record to each partition at once, and resolves with the code or offset of each. */
  async function writeEach(writer: ReturnType<typeof createBatchWriter>, partitions: number[]) {
    const outcomes = await Promise.all(
      partitions.map((partition) =>
        writer.write({ ...group(names[partition] as string), partition }, Date.now() + 5_000),
      ),
    );
    return outcomes.flat().map((outcome) => (outcome.ok ? outcome.receipt.offset : outcome.error.code));
  }

  /** A writer that knows the leaders, as after a first send. */
  async function startKnowing(...leaders: number[]) {
    fake.metadata = ledBy(...leaders);
    const writer = createBatchWriter(options);
    await write(writer, ['first']);
    (fake.producers[0] as FakeProducer).sent.length = 0;
    return writer;
  }

  test('that begin together are one request', async () => {
    const writer = await startKnowing(1, 1, 2);
    expect((await writeEach(writer, [0, 1, 2])).toSorted()).toEqual([1, 2, 3]);
    expect(fake.producers[0]?.sent.toSorted()).toEqual([['p', 'q'], ['r']]);
  });

  test('each have a send of their own, with the same producer, when that request fails', async () => {
    const writer = await startKnowing(1, 1, 1);
    fake.send = async (request, attempt) => {
      if (request.messages.length > 1) attempt();
      return acknowledge(request);
    };
    expect(await writeEach(writer, [0, 1, 2])).toEqual([1, 2, 3]);
    expect(fake.producers.map(({ sent }) => sent)).toEqual([[['p', 'q', 'r'], ['p'], ['q'], ['r']]]);
  });

  test('go on with that producer when one of them fails for good, and a new one is used after that', async () => {
    const writer = await startKnowing(1, 1, 1);
    fake.send = async (request, attempt) => {
      if (request.messages.length > 1) attempt();
      if (String(request.messages[0]?.value) === 'p') throw new KafkaJSConnectionError('Closed connection');
      return acknowledge(request);
    };
    expect(await writeEach(writer, [0, 1, 2])).toEqual(['BACKEND_UNAVAILABLE', 1, 2]);
    expect(fake.producers.map(({ sent }) => sent)).toEqual([[['p', 'q', 'r'], ['p'], ['q'], ['r']]]);
    await vi.waitFor(() => expect(fake.producers[0]?.destroyed).toBe(true));
    fake.send = acknowledge;
    expect(await write(writer, ['next'])).toEqual([3]);
    expect(fake.producers[1]?.sent).toEqual([['next']]);
  });

  test('do not wait for one of them that stalls by itself', async () => {
    const writer = await startKnowing(1, 1, 1);
    const stalled = Promise.withResolvers<RecordMetadata[]>();
    fake.send = async (request, attempt) => {
      if (request.messages.length > 1) attempt();
      return String(request.messages[0]?.value) === 'p' ? stalled.promise : acknowledge(request);
    };
    void writeEach(writer, [0, 1]);
    await vi.waitFor(() => expect(writer.isBusy({ topic: 'commands', partition: 1 })).toBe(false));
    expect(await writeEach(writer, [1])).toEqual([2]);
    expect(writer.isBusy({ topic: 'commands', partition: 0 })).toBe(true);
  });

  test('whose leader moved meanwhile each have a send of their own', async () => {
    const writer = await startKnowing(1, 1, 1);
    fake.metadata = ledBy(1, 2, 1);
    expect(await writeEach(writer, [0, 1])).toEqual([1, 2]);
    expect(fake.producers[0]?.sent).toEqual([['p'], ['q']]);
  });

  test('that the brokers refuse together keep the producer', async () => {
    const writer = await startKnowing(1, 1, 1);
    fake.send = refuseAccess;
    expect(await writeEach(writer, [0, 1])).toEqual(['AUTHORIZATION_FAILED', 'AUTHORIZATION_FAILED']);
    expect(fake.producers[0]).toMatchObject({ sent: [['p', 'q']], destroyed: false });
  });

  test('that are not answered by the deadline hold up their partitions until the request has ended', async () => {
    const writer = await startKnowing(1, 1, 1);
    const sent = Promise.withResolvers<RecordMetadata[]>();
    fake.send = () => sent.promise;
    const parts = [0, 1].map((partition) => writer.write({ ...group('p'), partition }, Date.now() + 50));
    expect(codes(await Promise.all(parts))).toEqual(['PUBLISH_TIMED_OUT', 'PUBLISH_TIMED_OUT']);
    expect(writer.isBusy({ topic: 'commands', partition: 1 })).toBe(true);
    fake.send = acknowledge;
    const next = write(writer, ['b']);
    sent.reject(new KafkaJSConnectionError('Closed connection'));
    expect(await next).toEqual([1]);
    expect(fake.producers.map((producer) => producer.sent)).toEqual([[['p', 'p']], [['b']]]);
  });

  function codes(outcomes: readonly (readonly PublishOutcome[])[]) {
    return outcomes.flat().map((outcome) => (outcome.ok ? 'ok' : outcome.error.code));
  }
});

test('a refusal that leaves nothing written keeps the producer', async () => {
  const writer = createBatchWriter(options);
  fake.send = refuseAccess;
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
