import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import { PublishFailedError, PublishTimedOutError } from '@preservarium/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createBatcher } from './batcher.js';
import type { BatcherOptions, BatchProgress } from './batcher-options.js';
import { pendingCost } from './pending-cost.js';
import { sizeOf } from './size-of.js';

interface Batch {
  readonly records: readonly PublishRecord[];
  readonly shard: number;
  readonly progress: BatchProgress;
  succeed(): void;
  reject(error: Error): void;
}

function start(options: Partial<BatcherOptions> = {}) {
  const batches: Batch[] = [];
  const batcher = createBatcher({
    name: 'test',
    shards: 1,
    shardOf: () => 0,
    maxBatchRecords: 100,
    maxBatchBytes: 10_000,
    costOf: sizeOf,
    maxQueuedBytes: 1_000,
    maxWaitingBytes: 10_000,
    writeBatch: (records, shard, progress) =>
      new Promise((resolve, reject) => {
        const succeed = () => resolve(records.map(({ topic }) => ({ ok: true, receipt: { topic } })));
        batches.push({ records, shard, progress, succeed, reject });
      }),
    ...options,
  });
  return { batches, ...batcher };
}

/** A record that counts as `bytes`. */
function record(name: string, bytes = 100): PublishRecord {
  return { topic: 'commands', key: name, value: Buffer.alloc(bytes - name.length) };
}

function names(batch: Batch | undefined): string[] | undefined {
  return batch?.records.map(({ key }) => String(key));
}

function codes(outcomes: readonly PublishOutcome[]): string[] {
  return outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code));
}

/** Lets promises go on; no time passes. */
const settle = () => vi.advanceTimersByTimeAsync(0);

const timeoutMs = 1_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('what a small pending call costs counts, and not its records alone', async () => {
  const { publish } = start({ costOf: pendingCost, maxQueuedBytes: 1_400_000, maxWaitingBytes: 0 });
  const calls = Array.from({ length: 2_000 }, (_, index) => publish([record(`d${index}`)], { timeoutMs }));
  await vi.advanceTimersByTimeAsync(timeoutMs);
  const refused = (await Promise.all(calls)).filter(
    ([outcome]) => outcome && codes([outcome])[0] === 'QUEUE_FULL',
  );
  expect(refused).toHaveLength(1_000);
});

describe('batching', () => {
  test('sends a single call at once, and the calls made meanwhile together', async () => {
    const { batches, publish } = start();
    const first = publish([record('a')], { timeoutMs });
    await settle();
    expect(batches.map(names)).toEqual([['a']]);
    const rest = ['b', 'c', 'd'].map((name) => publish([record(name)], { timeoutMs }));
    await settle();
    expect(batches).toHaveLength(1);
    batches[0]?.succeed();
    await settle();
    expect(names(batches[1])).toEqual(['b', 'c', 'd']);
    batches[1]?.succeed();
    expect((await Promise.all([first, ...rest])).map(codes)).toEqual([['ok'], ['ok'], ['ok'], ['ok']]);
  });

  test('closes a batch at its limit of records and of bytes, and never divides a call', async () => {
    const { batches, publish } = start({ maxBatchRecords: 2, maxBatchBytes: 300 });
    void publish([record('a1'), record('a2'), record('a3')], { timeoutMs });
    void publish([record('b1')], { timeoutMs });
    void publish([record('c1'), record('c2')], { timeoutMs });
    void publish([record('d1', 150)], { timeoutMs });
    void publish([record('e1', 151)], { timeoutMs });
    for (let sent = 0; sent < 5; sent++) {
      await settle();
      batches[sent]?.succeed();
    }
    expect(batches.map(names)).toEqual([['a1', 'a2', 'a3'], ['b1'], ['c1', 'c2'], ['d1'], ['e1']]);
  });

  test('gives each call of a batch its own outcomes', async () => {
    const error = new PublishFailedError('refused');
    const { publish } = start({
      writeBatch: async (records) =>
        records.map(({ key, topic }) =>
          key === 'bad' ? { ok: false, error } : { ok: true, receipt: { topic } },
        ),
    });
    const calls = [[record('a'), record('bad')], [record('bad')], [record('b'), record('c')]];
    const outcomes = await Promise.all(calls.map((records) => publish(records, { timeoutMs })));
    expect(outcomes.map(codes)).toEqual([['ok', 'PUBLISH_FAILED'], ['PUBLISH_FAILED'], ['ok', 'ok']]);
  });

  test('sends the shards of a call side by side, and puts the outcomes back in the order of the records', async () => {
    const { batches, publish } = start({ shards: 2, shardOf: (key) => Number(key[1]) });
    const outcomes = publish([record('a1'), record('b0'), record('c1'), record('d0')], { timeoutMs });
    await settle();
    expect(batches.map((batch) => [batch.shard, names(batch)])).toEqual([
      [0, ['b0', 'd0']],
      [1, ['a1', 'c1']],
    ]);
    batches[0]?.reject(new Error('shard 0 broke'));
    batches[1]?.succeed();
    expect(codes(await outcomes)).toEqual(['ok', 'PUBLISH_FAILED', 'ok', 'PUBLISH_FAILED']);
  });

  test('answers a call without records at once', async () => {
    expect(await start().publish([], { timeoutMs })).toEqual([]);
  });
});

describe('a batch that stalls', () => {
  const ok = { ok: true, receipt: { topic: 'commands' } } as const;

  test('answers the calls of which all records are settled', async () => {
    const { batches, publish } = start();
    const whole = publish([record('a')], { timeoutMs });
    const half = publish([record('b'), record('c')], { timeoutMs });
    const answered: string[] = [];
    void whole.then(() => answered.push('whole'));
    void half.then(() => answered.push('half'));
    await settle();
    batches[0]?.progress.settled([ok, ok, undefined]);
    await settle();
    expect(answered).toEqual(['whole']);
    batches[0]?.progress.settled([ok, ok, ok]);
    await settle();
    expect(answered).toEqual(['whole', 'half']);
  });

  test('lets the next batch begin beside it, once, and gives back the room of what is settled', async () => {
    const { batches, publish } = start({ maxQueuedBytes: 200 });
    void publish([record('a')], { timeoutMs });
    void publish([record('b')], { timeoutMs });
    void publish([record('c')], { timeoutMs });
    await settle();
    expect(batches.map(names)).toEqual([['a', 'b']]);
    batches[0]?.progress.settled([undefined, ok]);
    batches[0]?.progress.goOn();
    batches[0]?.progress.goOn();
    await settle();
    expect(batches.map(names)).toEqual([['a', 'b'], ['c']]);
    void publish([record('d')], { timeoutMs });
    await settle();
    batches[0]?.succeed();
    await settle();
    expect(batches.map(names)).toEqual([['a', 'b'], ['c']]);
    batches[1]?.succeed();
    await settle();
    expect(batches.map(names)).toEqual([['a', 'b'], ['c'], ['d']]);
  });
});

describe('a client that fails', () => {
  test('is an outcome with its error as the cause, and the next batch is sent', async () => {
    const { batches, publish } = start();
    const cause = new Error('broken pipe');
    const first = publish([record('a')], { timeoutMs });
    await settle();
    const second = publish([record('b')], { timeoutMs });
    batches[0]?.reject(cause);
    const [outcome] = await first;
    expect(outcome).toMatchObject({ ok: false, error: { code: 'PUBLISH_FAILED', cause } });
    await settle();
    batches[1]?.succeed();
    expect(codes(await second)).toEqual(['ok']);
  });

  test('and hangs, holds up without limit who named no end', async () => {
    const { batches, publish } = start();
    const endless = publish([record('a')], { timeoutMs: Number.POSITIVE_INFINITY });
    await vi.advanceTimersByTimeAsync(1_000 * timeoutMs);
    batches[0]?.succeed();
    expect(codes(await endless)).toEqual(['ok']);
  });

  test('and hangs, answers nobody late: what it has may be written, what it has not is not sent', async () => {
    const { batches, publish } = start();
    const inFlight = publish([record('a')], { timeoutMs });
    await settle();
    const queued = publish([record('b')], { timeoutMs });
    await vi.advanceTimersByTimeAsync(timeoutMs);
    const errors = [...(await inFlight), ...(await queued)].map((outcome) => !outcome.ok && outcome.error);
    expect(errors.map((error) => PublishTimedOutError.isInstance(error) && error.mayBeWritten)).toEqual([
      true,
      false,
    ]);
    batches[0]?.succeed();
    await settle();
    expect(batches).toHaveLength(1);
  });
});

describe('room', () => {
  test('is waited for, and calls get it in their order', async () => {
    const { batches, publish } = start({ maxQueuedBytes: 250 });
    const calls = ['a', 'b', 'c', 'd'].map((name) => publish([record(name)], { timeoutMs }));
    await settle();
    expect(names(batches[0])).toEqual(['a', 'b']);
    batches[0]?.succeed();
    await settle();
    expect(names(batches[1])).toEqual(['c', 'd']);
    batches[1]?.succeed();
    expect((await Promise.all(calls)).flatMap(codes)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  test('that does not come in time is QUEUE_FULL', async () => {
    const { batches, publish } = start({ maxQueuedBytes: 100 });
    void publish([record('a')], { timeoutMs: 10 * timeoutMs });
    const waiting = publish([record('b')], { timeoutMs });
    await vi.advanceTimersByTimeAsync(timeoutMs);
    expect(codes(await waiting)).toEqual(['QUEUE_FULL']);
    batches[0]?.succeed();
    await settle();
    expect(batches).toHaveLength(1);
  });

  test('is waited for by as much as may wait, and the rest is refused at once', async () => {
    const { batches, publish } = start({ maxQueuedBytes: 100, maxWaitingBytes: 200 });
    const calls = ['a', 'b', 'c', 'd', 'e'].map((name) => publish([record(name)], { timeoutMs }));
    expect((await Promise.all(calls.slice(3))).map(codes)).toEqual([['QUEUE_FULL'], ['QUEUE_FULL']]);
    for (let sent = 0; sent < 3; sent++) {
      await settle();
      batches[sent]?.succeed();
    }
    expect((await Promise.all(calls.slice(0, 3))).flatMap(codes)).toEqual(['ok', 'ok', 'ok']);
    const [later, waiting] = ['f', 'g'].map((name) => publish([record(name)], { timeoutMs }));
    await settle();
    batches[3]?.succeed();
    await settle();
    batches[4]?.succeed();
    expect([await later, await waiting].map((outcomes) => codes(outcomes ?? []))).toEqual([['ok'], ['ok']]);
  });

  test('is waited for by a single call larger than all that may wait, and by none where none may', async () => {
    const { batches, publish } = start({ maxQueuedBytes: 100, maxWaitingBytes: 200 });
    const calls = [record('a'), record('b', 5_000)].map((each) => publish([each], { timeoutMs }));
    for (let sent = 0; sent < 2; sent++) {
      await settle();
      batches[sent]?.succeed();
    }
    expect((await Promise.all(calls)).flatMap(codes)).toEqual(['ok', 'ok']);
    const strict = start({ maxQueuedBytes: 100, maxWaitingBytes: 0 });
    void strict.publish([record('a')], { timeoutMs });
    expect(codes(await strict.publish([record('b', 5_000)], { timeoutMs }))).toEqual(['QUEUE_FULL']);
  });

  test('is not needed by a call larger than all of it when nothing else is queued', async () => {
    const { batches, publish } = start({ maxQueuedBytes: 100 });
    const call = publish([record('a', 5_000)], { timeoutMs });
    await settle();
    batches[0]?.succeed();
    expect(codes(await call)).toEqual(['ok']);
  });

  test('is taken by headers too', async () => {
    const { batches, publish } = start({ maxQueuedBytes: 250 });
    void publish([{ ...record('a'), headers: [['trace', Buffer.alloc(100)]] }], { timeoutMs });
    void publish([record('b')], { timeoutMs });
    await settle();
    expect(names(batches[0])).toEqual(['a']);
  });

  test('is kept by what a hanging client has, also after its caller was answered', async () => {
    const { batches, publish } = start({ maxQueuedBytes: 100 });
    void publish([record('a')], { timeoutMs });
    await vi.advanceTimersByTimeAsync(timeoutMs);
    const next = publish([record('b')], { timeoutMs });
    await settle();
    expect(batches).toHaveLength(1);
    batches[0]?.succeed();
    await settle();
    batches[1]?.succeed();
    expect(codes(await next)).toEqual(['ok']);
  });
});

describe('abort', () => {
  test('before the call sends nothing', async () => {
    const { batches, publish } = start();
    expect(codes(await publish([record('a')], { timeoutMs, signal: AbortSignal.abort() }))).toEqual([
      'ABORTED',
    ]);
    await settle();
    expect(batches).toHaveLength(0);
  });

  test('of calls that are queued or wait for space gives their place to those behind them', async () => {
    const { batches, publish } = start({ maxQueuedBytes: 200 });
    const controller = new AbortController();
    void publish([record('a')], { timeoutMs });
    await settle();
    const { signal } = controller;
    const aborted = [
      publish([record('b')], { timeoutMs, signal }),
      publish([record('c')], { timeoutMs, signal }),
    ];
    void publish([record('d')], { timeoutMs });
    controller.abort();
    expect((await Promise.all(aborted)).map(codes)).toEqual([['ABORTED'], ['ABORTED']]);
    batches[0]?.succeed();
    await settle();
    expect(names(batches[1])).toEqual(['d']);
  });
});

describe('close', () => {
  test('sends what is queued and what waits for space, and takes nothing new', async () => {
    const { batches, publish, close } = start({ maxQueuedBytes: 100 });
    const calls = ['a', 'b', 'c'].map((name) => publish([record(name)], { timeoutMs }));
    const closed = close({ timeoutMs });
    expect(codes(await publish([record('late')], { timeoutMs }))).toEqual(['CLOSED']);
    for (let sent = 0; sent < 3; sent++) {
      await settle();
      batches[sent]?.succeed();
    }
    await closed;
    expect((await Promise.all(calls)).flatMap(codes)).toEqual(['ok', 'ok', 'ok']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('at its deadline answers what is left with CLOSED, and sends none of it', async () => {
    const { batches, publish, close } = start({ maxQueuedBytes: 250 });
    const calls = ['a', 'b', 'c', 'd'].map((name) => publish([record(name)], { timeoutMs: 10 * timeoutMs }));
    await settle();
    const closed = close({ timeoutMs });
    await vi.advanceTimersByTimeAsync(timeoutMs);
    await closed;
    expect((await Promise.all(calls)).flatMap(codes)).toEqual(['CLOSED', 'CLOSED', 'CLOSED', 'CLOSED']);
    batches[0]?.succeed();
    await settle();
    expect(batches.map(names)).toEqual([['a', 'b']]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('can be called again and side by side, and each call resolves when all is sent', async () => {
    const { batches, publish, close } = start();
    void publish([record('a')], { timeoutMs });
    const closing = [close({ timeoutMs }), close({ timeoutMs: 10 * timeoutMs })];
    await settle();
    batches[0]?.succeed();
    await Promise.all(closing);
    await close({ timeoutMs });
    expect(vi.getTimerCount()).toBe(0);
  });
});
