import {
  BackendUnavailableError,
  MessageTooLargeError,
  PublishTimedOutError,
  type PusherError,
} from '@preservarium/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryBackend } from './memory/index.js';
import type { PublisherBackend, PublishOutcome, PublishRecord } from './publisher-backend.js';
import { withRetry } from './with-retry.js';

const options = { timeoutMs: 30_000 };
const quick = { baseDelayMs: 0 };

function record(key: string, value: string): PublishRecord {
  return { topic: 'commands', key, value: Buffer.from(value) };
}

/** The memory backend, but `failureOf` may fail a record before it is written. */
function failing(failureOf: (record: PublishRecord) => PusherError | undefined) {
  const memory = createMemoryBackend();
  const attempts: string[] = [];
  const backend: PublisherBackend = {
    ...memory,
    async publish(records, wait) {
      return Promise.all(
        records.map(async (candidate): Promise<PublishOutcome> => {
          attempts.push(candidate.value.toString());
          const error = failureOf(candidate);
          if (error !== undefined) return { ok: false, error };
          const [outcome] = await memory.publish([candidate], wait);
          return outcome as PublishOutcome;
        }),
      );
    },
  };
  const written = () => memory.records('commands').map(({ value }) => String(value));
  return { backend, attempts, written };
}

function failTimes(times: number, error: PusherError) {
  let left = times;
  return () => (left-- > 0 ? error : undefined);
}

const unavailable = new BackendUnavailableError('no broker answers');

describe('withRetry', () => {
  test('publishes again what failed with a retryable error', async () => {
    const { backend, attempts, written } = failing(failTimes(3, unavailable));
    const outcomes = await withRetry(backend, quick).publish([record('a', '1')], options);
    expect(outcomes).toMatchObject([{ ok: true }]);
    expect(attempts).toHaveLength(4);
    expect(written()).toEqual(['1']);
  });

  test('does not publish again what cannot succeed', async () => {
    const tooLarge = new MessageTooLargeError(2_000_000);
    const { backend, attempts } = failing(() => tooLarge);
    expect(await withRetry(backend, quick).publish([record('a', '1')], options)).toEqual([
      { ok: false, error: tooLarge },
    ]);
    expect(attempts).toHaveLength(1);
  });

  test('gives the last error after maxAttempts', async () => {
    const { backend, attempts } = failing(() => unavailable);
    const outcomes = await withRetry(backend, { ...quick, maxAttempts: 3 }).publish(
      [record('a', '1')],
      options,
    );
    expect(outcomes).toEqual([{ ok: false, error: unavailable }]);
    expect(attempts).toHaveLength(3);
  });

  test('later records of a device wait behind one that is tried again, other devices do not', async () => {
    let failures = 2;
    const { backend, written } = failing(({ key }) =>
      key === 'a' && failures-- > 0 ? unavailable : undefined,
    );
    const retrying = withRetry(backend, quick);
    const first = retrying.publish([record('a', '1'), record('b', '2')], options);
    const later = retrying.publish([record('a', '3'), record('b', '4')], options);
    expect((await Promise.all([first, later])).flat().map(({ ok }) => ok)).toEqual([true, true, true, true]);
    expect(written().filter((value) => value === '1' || value === '3')).toEqual(['1', '3']);
  });

  test('a record that a later one has overtaken keeps its error', async () => {
    const { backend, written } = failing(({ value }) => (value.toString() === '1' ? unavailable : undefined));
    const outcomes = await withRetry(backend, quick).publish([record('a', '1'), record('a', '2')], options);
    expect(outcomes).toMatchObject([{ ok: false, error: unavailable }, { ok: true }]);
    expect(written()).toEqual(['2']);
  });

  test('gives up at the deadline of the call and says what may be written', async () => {
    const { backend } = failing(() => unavailable);
    const retrying = withRetry(backend, { baseDelayMs: 60_000, maxDelayMs: 60_000, random: () => 1 });
    const [outcome] = await retrying.publish([record('a', '1')], { timeoutMs: 5 });
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: 'PUBLISH_TIMED_OUT', mayBeWritten: true, cause: unavailable },
    });
    const [behind] = await retrying.publish([record('a', '2')], { timeoutMs: 5 });
    expect(behind).toMatchObject({ ok: false, error: { code: 'PUBLISH_TIMED_OUT', mayBeWritten: false } });
    await retrying.close({ timeoutMs: 1_000 });
  });

  test('an abort ends the pause', async () => {
    const { backend } = failing(() => unavailable);
    const retrying = withRetry(backend, { baseDelayMs: 60_000, maxDelayMs: 60_000, random: () => 1 });
    const controller = new AbortController();
    const published = retrying.publish([record('a', '1')], { timeoutMs: 60_000, signal: controller.signal });
    controller.abort();
    expect(await published).toMatchObject([{ ok: false, error: { code: 'ABORTED' } }]);
    await retrying.close({ timeoutMs: 1_000 });
  });

  test('close ends the pauses', async () => {
    const { backend } = failing(() => unavailable);
    const retrying = withRetry(backend, { baseDelayMs: 60_000, maxDelayMs: 60_000, random: () => 1 });
    const tried = retrying.publish([record('a', '1')], { timeoutMs: 60_000 });
    const behind = retrying.publish([record('a', '2')], { timeoutMs: 60_000 });
    await retrying.close({ timeoutMs: 1_000 });
    const outcomes = (await Promise.all([tried, behind])).flat();
    expect(outcomes.map((outcome) => outcome.ok || outcome.error.code)).toEqual(['CLOSED', 'CLOSED']);
  });

  test('whatever fails and when: one outcome each, and what is acknowledged is written once and in order', async () => {
    const timedOut = new PublishTimedOutError(1, { mayBeWritten: false });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 }), { maxLength: 10 }),
        fc.infiniteStream(
          fc.constantFrom(undefined, undefined, unavailable, timedOut, new MessageTooLargeError(9)),
        ),
        async (calls, failures) => {
          const { backend, written } = failing(() => failures.next().value);
          const retrying = withRetry(backend, { ...quick, maxAttempts: 3 });
          let sequence = 0;
          const keyOf = new Map<string, string>();
          const outcomes = await Promise.all(
            calls.map(async (keys) => {
              const records = keys.map((key) => record(key, String(sequence++)));
              for (const { key, value } of records) keyOf.set(value.toString(), key);
              const results = await retrying.publish(records, options);
              expect(results).toHaveLength(records.length);
              return results.map((result, index) => ({
                value: records[index]?.value.toString() ?? '',
                ok: result.ok,
              }));
            }),
          );
          const acknowledged = outcomes
            .flat()
            .filter(({ ok }) => ok)
            .map(({ value }) => value);
          expect(written().toSorted()).toEqual(acknowledged.toSorted());
          for (const key of ['a', 'b', 'c']) {
            const order = written()
              .filter((value) => keyOf.get(value) === key)
              .map(Number);
            expect(order).toEqual(order.toSorted((left, right) => left - right));
          }
        },
      ),
    );
  });
});
