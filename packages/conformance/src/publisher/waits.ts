import assert from 'node:assert/strict';
import { PublishTimedOutError } from '@preservarium/core';
import type { ConformanceSuite } from '../harness.js';
import { assertAllAcknowledged, codesOf, numberedRecords, numberOf } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { within } from '../within.js';

const timeoutMs = 20_000;

export function waitTests({ test, harness }: ConformanceSuite): void {
  test('waits: a signal that is aborted already gives ABORTED, and nothing is sent', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const records = numberedRecords(topic, 4, { keys: 1 });
      const outcomes = await backend.publish(records.slice(0, 3), { timeoutMs, signal: AbortSignal.abort() });
      assert.deepEqual(codesOf(outcomes), ['ABORTED', 'ABORTED', 'ABORTED']);
      // A sent record would be before this one, which has the same key.
      assertAllAcknowledged(await backend.publish(records.slice(3), { timeoutMs }), 1);
      assert.deepEqual((await harness.readTopic(topic)).map(numberOf), [3]);
    }));

  test('waits: an infinite timeout, and one beyond 2^31-1 ms, are long', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const records = numberedRecords(topic, 2, { keys: 1 });
      for (const [index, longMs] of [Number.POSITIVE_INFINITY, 2 ** 31].entries()) {
        await backend.connect({ timeoutMs: longMs });
        const outcomes = await backend.publish(records.slice(index, index + 1), { timeoutMs: longMs });
        assertAllAcknowledged(outcomes, 1);
      }
      await within(backend.close({ timeoutMs: Number.POSITIVE_INFINITY }), timeoutMs, 'close');
    }));

  test('waits: aborting during a call ends it with ABORTED, and takes no other call with it', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      const records = numberedRecords(topic, 300);
      const controller = new AbortController();
      const aborted = backend.publish(records.slice(0, 100), { timeoutMs, signal: controller.signal });
      const kept = backend.publish(records.slice(100, 200), {
        timeoutMs,
        signal: new AbortController().signal,
      });
      controller.abort();
      assert.deepEqual(
        codesOf(await within(aborted, timeoutMs, 'the answer to an aborted call')),
        Array(100).fill('ABORTED'),
      );
      assertAllAcknowledged(await kept, 100);
      assertAllAcknowledged(await backend.publish(records.slice(200), { timeoutMs }), 100);
      const read = new Set((await harness.readTopic(topic)).map(numberOf));
      for (let number = 100; number < 300; number++)
        assert.ok(read.has(number), `record ${number} is in the topic`);
    }));

  test('waits: a call is answered by its deadline, and what it says was not sent is not sent', async () => {
    const topic = await harness.createTopic({ partitions: 3 });
    const records = numberedRecords(topic, 2000);
    const unsent = new Set<number>();
    await withBackend(harness, async (backend) => {
      const calls = records.map(async (record) => {
        const [outcome] = await backend.publish([record], { timeoutMs: 1 });
        assert.ok(outcome, 'there is an outcome');
        if (outcome.ok) return;
        assert.ok(
          ['PUBLISH_TIMED_OUT', 'QUEUE_FULL', 'BACKEND_UNAVAILABLE'].includes(outcome.error.code),
          `${outcome.error.code} is no answer to a deadline`,
        );
        if (PublishTimedOutError.isInstance(outcome.error) && !outcome.error.mayBeWritten)
          unsent.add(numberOf(record));
      });
      await within(Promise.all(calls), timeoutMs, 'the answer to calls with a deadline of 1 ms');
    });
    const wronglySent = (await harness.readTopic(topic)).map(numberOf).filter((number) => unsent.has(number));
    assert.deepEqual(wronglySent, []);
  });

  test('waits: with a waiting limit of 0, a push that finds the queue full is refused at once and not sent', () =>
    withBackend(
      harness,
      async (backend) => {
        const topic = await harness.createTopic({ partitions: 1 });
        const records = numberedRecords(topic, 2000, { valueBytes: 300 });
        const outcomes = await Promise.all(records.map((record) => backend.publish([record], { timeoutMs })));
        const codes = codesOf(outcomes.flat());
        assert.deepEqual(new Set(codes), new Set(['ok', 'QUEUE_FULL']));
        const acknowledged = records.filter((_, index) => codes[index] === 'ok').map(numberOf);
        const read = (await harness.readTopic(topic)).map(numberOf);
        assert.deepEqual(new Set(read), new Set(acknowledged));
        assert.equal(read.length, acknowledged.length);
      },
      { maxQueuedBytes: 20_000, maxWaitingBytes: 0 },
    ));
}
