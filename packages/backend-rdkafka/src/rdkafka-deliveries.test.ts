import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import type { DeliveryReport, LibrdKafkaError } from 'node-rdkafka';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createDeliveries, type Deliveries, type DeliveriesOptions } from './rdkafka-deliveries.js';
import type { BatchProducer } from './rdkafka-flushes.js';
import { createPartitionAcks } from './rdkafka-partition-acks.js';

const topic = 'commands';
const timedOut = libError('message timed out');
const tooLarge = libError('message size too large');

test('failures that are reported after the flush, by the hundred in a turn, are all known', async () => {
  const records = numbered(1000);
  const lost = new Set(records.filter((_, index) => index % 3 === 0).map(({ value }) => String(value)));
  const { outcomes } = await commit(records, {
    fail: (record) => (lost.has(String(record.value)) ? timedOut : undefined),
  });
  expect(outcomes.map(({ ok }) => ok)).toEqual(records.map(({ value }) => !lost.has(String(value))));
  expect(codes(outcomes)[0]).toBe('PUBLISH_TIMED_OUT');
});

test('of equal records, as many fail as were reported', async () => {
  const record = { topic, key: 'device', value: Buffer.from('same') };
  let failing = 2;
  const { outcomes } = await commit([record, record, record], {
    fail: () => (failing-- > 0 ? timedOut : undefined),
  });
  expect(outcomes.filter(({ ok }) => !ok)).toHaveLength(2);
});

test('a full queue is waited for: nothing is dropped or reordered', async () => {
  const records = numbered(50);
  const { outcomes, taken } = await commit(records, { room: 7 });
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
  expect(taken.map(String)).toEqual(records.map(({ value }) => String(value)));
});

test('a record that the client refuses at once takes no other with it', async () => {
  const records = numbered(3);
  const { outcomes } = await commit(records, {
    refuse: ({ value }) => (value === records[1]?.value ? tooLarge : undefined),
  });
  expect(codes(outcomes)).toEqual(['ok', 'MESSAGE_TOO_LARGE', 'ok']);
});

test('small records that were refused with their batch are sent again, unless a later one of their key is written', async () => {
  const records = ['a', 'b', 'a'].map((key, index) => ({ topic, key, value: Buffer.from(`${index}`) }));
  const refused = new Set(['0', '1']);
  const { outcomes, taken } = await commit(records, {
    fail: (record) => (refused.delete(String(record.value)) ? tooLarge : undefined),
  });
  expect(codes(outcomes)).toEqual(['PUBLISH_FAILED', 'ok', 'ok']);
  expect(taken.map(String)).toEqual(['0', '1', '2', '1']);
});

describe.each(['failures', 'all'] as const)(
  'a batch that was refused after the next one might begin (%s)',
  (reports) => {
    const records = ['a', 'b', 'c'].map((key, index) => ({ topic, key, value: Buffer.from(`${index}`) }));
    const refusedOnce = () => {
      const refused = new Set(['0', '1']);
      return ({ value }: PublishRecord) => (refused.delete(String(value)) ? tooLarge : undefined);
    };

    test('is sent again in pieces while no other has begun', async () => {
      const { outcomes, taken } = await commit(records, {
        reports,
        fail: refusedOnce(),
        answersAfter: 'goOn',
      });
      expect(codes(outcomes)).toEqual(['ok', 'ok', 'ok']);
      expect(taken.map(String)).toEqual(['0', '1', '2', '0', '1']);
    });

    test('is not sent again once another has begun', async () => {
      const next = { topic, key: 'a', value: Buffer.from('next') };
      const { outcomes, taken } = await commit(records, {
        reports,
        fail: refusedOnce(),
        answersAfter: 'goOn',
        goOn: (deliveries) => void deliveries.write([next], { settled() {}, goOn() {} }),
      });
      expect(codes(outcomes)).toEqual(['PUBLISH_FAILED', 'PUBLISH_FAILED', 'ok']);
      expect(taken.map(String)).toEqual(['0', '1', '2', 'next']);
    });
  },
);

test('a producer with a fatal error is not usable any more', async () => {
  const { outcomes, clientUsable } = await commit(numbered(2), { fail: () => libError('purged in queue') });
  expect(codes(outcomes)).toEqual(['BACKEND_UNAVAILABLE', 'BACKEND_UNAVAILABLE']);
  expect(clientUsable).toBe(false);
});

test('a producer that brokers refuse is known to be refused, though it tells why only after its failures', async () => {
  let polls = 0;
  const refusal = libError('Broker: Cluster authorization failed');
  const { outcomes } = await commit(numbered(2), {
    refuse: () => libError('Local: Fatal error'),
    lastError: () => (polls++ < 4 ? null : refusal),
  });
  expect(codes(outcomes)).toEqual(['AUTHORIZATION_FAILED', 'AUTHORIZATION_FAILED']);
});

test('with offsets, each record has the receipt of its own report', async () => {
  const { outcomes } = await commit(numbered(300), { receipts: 'offsets' });
  expect(outcomes.map((outcome) => outcome.ok && outcome.receipt.offset)).toEqual(
    Array.from({ length: 300 }, (_, offset) => offset),
  );
});

test('with a report for each record and receipts without offsets, a receipt names the topic alone', async () => {
  const { outcomes } = await commit(numbered(3), {
    reports: 'all',
    fail: ({ value }) => (String(value) === 'record 1' ? timedOut : undefined),
  });
  expect(codes(outcomes)).toEqual(['ok', 'PUBLISH_TIMED_OUT', 'ok']);
  expect(outcomes[0]).toEqual({ ok: true, receipt: { topic } });
});

test('a record that timed out may be written late, until a later one of its partition is acknowledged', async () => {
  const failing = (...lost: string[]): Behaviour => ({
    reports: 'all',
    fail: ({ value }) => (lost.includes(String(value)) ? timedOut : undefined),
  });
  expect(await commit(numbered(3), failing('record 2'))).toMatchObject({ isUncertain: true });
  expect(await commit(numbered(3), failing('record 1'))).toMatchObject({ isUncertain: false });
});

test('a report that belongs to no record ends all batches, also one that is still given to the client', async () => {
  const stranger = { topic, key: null, value: null, partition: 0, offset: 0, size: 0 };
  let next: Promise<unknown> | undefined;
  const first = commit(numbered(1), {
    answersAfter: 'goOn',
    goOn(deliveries) {
      deliveries.report(timedOut, stranger);
      next = deliveries.write(numbered(40_000), { settled() {}, goOn() {} }).catch(String);
    },
  });
  await expect(first).rejects.toThrow('belongs to no record');
  expect(await next).toContain('belongs to no record');
});

test('a large record has a batch of the client to itself', async () => {
  const large = { topic, key: 'device', value: Buffer.alloc(64 * 1024 + 1) };
  const small = numbered(4);
  const { inClient } = await commit([...small.slice(0, 2), large, ...small.slice(2)], {});
  const before = small[0]?.value.length;
  expect(inClient).toEqual([0, before, 0, 0, before]);
});

test('in a topic that refused a batch of small records, batches of the client stay small', async () => {
  const refused = new Set(['record 0', 'record 1']);
  const { deliveries, inClient } = open({
    fail: ({ value }) => (refused.delete(String(value)) ? tooLarge : undefined),
  });
  const progress = { settled() {}, goOn() {} };
  const bytes = 4 * 1024;
  const next = Array.from({ length: 10 }, () => ({ topic, key: 'device', value: Buffer.alloc(bytes) }));
  await deliveries.write(numbered(2), progress);
  inClient.length = 0;
  await deliveries.write(next, progress);
  expect(Math.max(...inClient) + bytes).toBe(16 * 1024);
});

test('a record whose report does not come, and that the client no longer has, may be written', async () => {
  const { outcomes } = await commit(numbered(3), {
    reports: 'all',
    lose: ({ value }) => String(value) === 'record 1',
  });
  expect(codes(outcomes)).toEqual(['ok', 'PUBLISH_TIMED_OUT', 'ok']);
  expect(outcomes[1]).toMatchObject({ error: { mayBeWritten: true } });
});

test.each(['failures', 'all'] as const)(
  'a client that keeps records beyond its own timeout is not used any more (%s)',
  async (reports) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { outcomes, clientUsable } = await commit(numbered(2), {
      reports,
      flushed: () => vi.advanceTimersByTime(500),
      keeps: true,
    });
    expect(codes(outcomes)).toEqual(['PUBLISH_TIMED_OUT', 'PUBLISH_TIMED_OUT']);
    expect(clientUsable).toBe(false);
  },
);

interface Behaviour {
  readonly reports?: DeliveriesOptions['reports'];
  readonly receipts?: DeliveriesOptions['receipts'];
  readonly room?: number;
  /** The client has no answer before the next batch may begin. */
  readonly answersAfter?: 'goOn';
  /** The client reports nothing, and has always records left. */
  readonly keeps?: boolean;
  goOn?(deliveries: Deliveries): void;
  flushed?(): void;
  fail?(record: PublishRecord): LibrdKafkaError | undefined;
  refuse?(record: PublishRecord): LibrdKafkaError | undefined;
  /** Returns whether there is no report of a record. */
  lose?(record: PublishRecord): boolean;
  lastError?(): LibrdKafkaError | null;
}

/** Commits through a producer that behaves as node-rdkafka does: reports come after the flush, a hundred in a turn. */
async function commit(records: readonly PublishRecord[], behaviour: Behaviour) {
  const { deliveries, answer, ...seen } = open(behaviour);
  const goOn = () => {
    behaviour.goOn?.(deliveries);
    answer();
  };
  const outcomes = await deliveries.write(records, { settled() {}, goOn });
  return {
    outcomes,
    clientUsable: deliveries.isUsable(),
    isUncertain: deliveries.isUncertain(),
    ...seen,
  };
}

function open(behaviour: Behaviour) {
  const { receipts = 'acknowledged', room = Number.POSITIVE_INFINITY, fail, refuse, lose } = behaviour;
  const { reports = receipts === 'offsets' ? 'all' : 'failures', keeps = false } = behaviour;
  const taken: Buffer[] = [];
  /** How many bytes the client had when it was given each record. */
  const inClient: number[] = [];
  const pending: (() => void)[] = [];
  const mayAnswer = Promise.withResolvers<void>();
  if (behaviour.answersAfter === undefined) mayAnswer.resolve();
  let queued = 0;
  let queuedBytes = 0;
  const dispatch = () => {
    for (const report of pending.splice(0, 100)) report();
    if (pending.length > 0) setImmediate(dispatch);
  };
  const producer: BatchProducer = {
    produce(_topic, _partition, value, key, _timestamp, opaque) {
      const record = { topic, key, value };
      const refusal = refuse?.(record);
      if (refusal) throw refusal;
      if (queued === room) throw libError('Local: Queue full');
      inClient.push(queuedBytes);
      queued++;
      queuedBytes += value.length;
      taken.push(value);
      const error = fail?.(record) ?? null;
      const report: DeliveryReport = {
        topic,
        key: Buffer.from(key),
        value,
        partition: 0,
        offset: taken.length - 1,
        size: value.length,
        opaque,
      };
      const isReported = !keeps && !lose?.(record) && (error !== null || reports === 'all');
      if (isReported) pending.push(() => deliveries.report(error, report));
    },
    flush(_timeout, done) {
      void mayAnswer.promise.then(() => {
        behaviour.flushed?.();
        queued = 0;
        queuedBytes = 0;
        setImmediate(dispatch);
        setImmediate(() => done(keeps ? libError('Local: Timed out') : null));
      });
    },
    getLastError: behaviour.lastError ?? (() => null),
  };
  const acks = createPartitionAcks(0, undefined);
  const deliveries = createDeliveries(producer, { reports, receipts, deliveryTimeoutMs: 1000, acks });
  return { deliveries, answer: mayAnswer.resolve, taken, inClient };
}

function numbered(count: number): PublishRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    topic,
    key: `device-${index % 7}`,
    value: Buffer.from(`record ${index}`),
  }));
}

function codes(outcomes: readonly PublishOutcome[]): string[] {
  return outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code));
}

/** As node-rdkafka makes it of a report: with a text, and without a code. */
function libError(message: string): LibrdKafkaError {
  return Object.assign(new Error(message), { code: -1, errno: -1, origin: 'local' });
}
