import type { PublishOutcome, PublishRecord } from '@preservarium/backend';
import { PublishFailedError, PublishTimedOutError } from '@preservarium/core';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBatcher } from './batcher.js';
import { sizeOf } from './size-of.js';

const maxQueuedBytes = 1_000;
const deadlineResolutionMs = 10;
const shards = 2;
const shardOf = (key: string) => Number(key) % shards;

type Step =
  | { readonly do: 'publish'; readonly keys: number[]; readonly bytes: number; readonly timeoutMs: number }
  | { readonly do: 'finish'; readonly which: number; readonly how: 'succeed' | 'fail' | 'reject' }
  | { readonly do: 'wait'; readonly timeMs: number }
  | { readonly do: 'abort'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      keys: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 }),
      bytes: fc.integer({ min: 10, max: 400 }),
      timeoutMs: fc.integer({ min: 0, max: 200 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('finish' as const),
      which: fc.nat(),
      how: fc.constantFrom('succeed' as const, 'fail' as const, 'reject' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), timeMs: fc.integer({ min: 1, max: 100 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat() }) },
);

interface Call {
  readonly records: readonly PublishRecord[];
  readonly deadlineMs: number;
  readonly controller: AbortController;
  outcomes?: readonly PublishOutcome[];
}

interface Batch {
  readonly shard: number;
  readonly records: readonly PublishRecord[];
  readonly finish: (how: 'succeed' | 'fail' | 'reject') => void;
}

/** A run of the steps, with what must hold at every moment checked as it happens. */
function createRun() {
  const calls: Call[] = [];
  const sent: PublishRecord[] = [];
  const succeeded = new Set<PublishRecord>();
  const inFlight = new Set<Batch>();
  const callOf = new Map<PublishRecord, Call>();
  const violations: string[] = [];

  const batcher = createBatcher({
    name: 'test',
    shards,
    shardOf,
    maxBatchRecords: 6,
    maxBatchBytes: 800,
    costOf: sizeOf,
    maxQueuedBytes,
    maxWaitingBytes: undefined,
    writeBatch(records, shard) {
      // Noted, not thrown: a writeBatch that throws is a failed batch to the code under test.
      if ([...inFlight].some((batch) => batch.shard === shard))
        violations.push('two batches of a shard are in flight');
      for (const record of records) {
        if (shardOf(String(record.key)) !== shard) violations.push('sent in the shard of another key');
        if (callOf.get(record)?.outcomes) violations.push('sent after its caller was answered');
      }
      sent.push(...records);
      return new Promise((resolve, reject) => {
        const batch: Batch = {
          shard,
          records,
          finish(how) {
            inFlight.delete(batch);
            if (how === 'reject') return reject(new Error('the client broke'));
            if (how === 'succeed') for (const record of records) succeeded.add(record);
            resolve(
              records.map(({ topic }) =>
                how === 'succeed'
                  ? { ok: true, receipt: { topic } }
                  : { ok: false, error: new PublishFailedError('refused') },
              ),
            );
          },
        };
        inFlight.add(batch);
        if (!fitsInQueue(inFlight)) violations.push('more is with the client than fits in the queue');
      });
    },
  });

  function publish({ keys, bytes, timeoutMs }: Extract<Step, { do: 'publish' }>): void {
    const call: Call = {
      records: keys.map((key) => ({ topic: 'commands', key: String(key), value: Buffer.alloc(bytes - 1) })),
      deadlineMs: Date.now() + timeoutMs,
      controller: new AbortController(),
    };
    calls.push(call);
    for (const record of call.records) callOf.set(record, call);
    void batcher.publish(call.records, { timeoutMs, signal: call.controller.signal }).then((outcomes) => {
      expect(call.outcomes).toBeUndefined();
      call.outcomes = outcomes;
    });
  }

  return { violations, calls, sent, succeeded, inFlight, batcher, publish };
}

/** Returns whether the records in flight fit in the queue; one call may be larger. */
function fitsInQueue(batches: ReadonlySet<Batch>): boolean {
  const records = [...batches].flatMap((batch) => batch.records);
  const bytes = records.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  const largestCall = 5 * 400;
  return bytes <= Math.max(maxQueuedBytes, largestCall);
}

async function play(steps: readonly Step[]): Promise<ReturnType<typeof createRun>> {
  const run = createRun();
  const expectAnsweredInTime = () => {
    for (const { deadlineMs, outcomes } of run.calls)
      if (Date.now() >= deadlineMs + deadlineResolutionMs) expect(outcomes).toBeDefined();
  };
  for (const current of steps) {
    if (current.do === 'publish') run.publish(current);
    if (current.do === 'abort') run.calls[current.which % run.calls.length]?.controller.abort();
    if (current.do === 'finish') [...run.inFlight][current.which % run.inFlight.size]?.finish(current.how);
    await vi.advanceTimersByTimeAsync(current.do === 'wait' ? current.timeMs : 0);
    expectAnsweredInTime();
  }
  while (run.inFlight.size > 0) {
    for (const batch of run.inFlight) batch.finish('succeed');
    await vi.advanceTimersByTimeAsync(0);
  }
  return run;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('whatever happens: answered once and in time, each key in order, and no call is sent after it failed as not sent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { violations, calls, sent, succeeded } = await play(steps);
      expect(violations).toEqual([]);

      const published = calls.flatMap(({ records }) => records);
      const places = new Map(published.map((record, place) => [record, place]));
      expect(new Set(sent).size, 'each record is sent at most once').toBe(sent.length);
      for (const key of ['0', '1', '2', '3']) {
        const placesOfKey = sent
          .filter((record) => record.key === key)
          .map((record) => places.get(record) ?? -1);
        expect(placesOfKey).toEqual(placesOfKey.toSorted((a, b) => a - b));
      }

      const wasSent = new Set(sent);
      for (const { records, outcomes } of calls) {
        expect(outcomes).toHaveLength(records.length);
        for (const [index, record] of records.entries()) {
          const outcome = outcomes?.[index];
          if (outcome?.ok) expect(succeeded.has(record)).toBe(true);
          else if (saysNotSent(outcome)) expect(wasSent.has(record)).toBe(false);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('whatever happens: all room is given back, and close has nothing to wait for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { publish, inFlight, batcher } = await play(steps);
      publish({ do: 'publish', keys: [0], bytes: maxQueuedBytes / 2, timeoutMs: 100 });
      publish({ do: 'publish', keys: [1], bytes: maxQueuedBytes / 2, timeoutMs: 100 });
      await vi.advanceTimersByTimeAsync(0);
      expect(inFlight.size).toBe(shards);
      for (const batch of inFlight) batch.finish('succeed');
      await vi.advanceTimersByTimeAsync(0);
      await batcher.close({ timeoutMs: 100 });
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: 100 },
  );
});

function saysNotSent(outcome: PublishOutcome | undefined): boolean {
  if (outcome === undefined || outcome.ok) return false;
  const { error } = outcome;
  return error.code === 'QUEUE_FULL' || (PublishTimedOutError.isInstance(error) && !error.mayBeWritten);
}
