import assert from 'node:assert/strict';
import type { ConformanceSuite } from '../harness.js';
import {
  assertAllAcknowledged,
  assertCompleteAndInOrder,
  codesOf,
  numberedRecords,
  numberOf,
} from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { within } from '../within.js';

const timeoutMs = 20_000;

export function publisherLifecycleTests({ test, harness }: ConformanceSuite): void {
  test('lifecycle: connect can be called again and side by side', () =>
    withBackend(harness, async (backend) => {
      await Promise.all([backend.connect({ timeoutMs }), backend.connect({ timeoutMs })]);
      await backend.connect({ timeoutMs });
      const topic = await harness.createTopic({ partitions: 1 });
      assertAllAcknowledged(await backend.publish(numberedRecords(topic, 3), { timeoutMs }), 3);
    }));

  test('lifecycle: connect with an aborted signal rejects with ABORTED', () =>
    withBackend(harness, async (backend) => {
      await assert.rejects(backend.connect({ timeoutMs, signal: AbortSignal.abort() }), { code: 'ABORTED' });
    }));

  test('lifecycle: close sends what is queued', async () => {
    const backend = harness.create();
    const topic = await harness.createTopic({ partitions: 3 });
    const calls = numberedRecords(topic, 1000).map((record) => backend.publish([record], { timeoutMs }));
    await backend.close({ timeoutMs });
    assertAllAcknowledged((await Promise.all(calls)).flat(), 1000);
    assertCompleteAndInOrder(await harness.readTopic(topic), 1000);
  });

  test('lifecycle: close at its deadline answers every call, and what is acknowledged is in the topic', async () => {
    const backend = harness.create();
    const topic = await harness.createTopic({ partitions: 3 });
    await backend.connect({ timeoutMs });
    const acknowledged: number[] = [];
    const calls = numberedRecords(topic, 2000).map(async (record) => {
      const [code] = codesOf(await backend.publish([record], { timeoutMs }));
      if (code === 'ok') acknowledged.push(numberOf(record));
      else assert.equal(code, 'CLOSED');
    });
    await within(backend.close({ timeoutMs: 0 }), timeoutMs, 'close');
    await within(Promise.all(calls), timeoutMs, 'the answer to every call');
    const read = new Set((await harness.readTopic(topic)).map(numberOf));
    const missing = acknowledged.filter((number) => !read.has(number));
    assert.deepEqual(missing, []);
  });

  test('lifecycle: close in the middle of a large call answers all of its records', async () => {
    for (const records of [1_000, 50_000]) {
      const backend = harness.create();
      const topic = await harness.createTopic({ partitions: 3 });
      await backend.connect({ timeoutMs });
      const call = backend.publish(numberedRecords(topic, records), { timeoutMs });
      await within(backend.close({ timeoutMs: 1 }), timeoutMs, 'close');
      const codes = new Set(codesOf(await within(call, timeoutMs, 'the answer to the call')));
      assert.ok(
        [...codes].every((code) => code === 'CLOSED' || code === 'ok'),
        `codes are ${[...codes]}`,
      );
    }
  });

  test('lifecycle: after close, publish gives CLOSED and connect rejects with it', async () => {
    const backend = harness.create();
    const topic = await harness.createTopic({ partitions: 1 });
    assertAllAcknowledged(await backend.publish(numberedRecords(topic, 1), { timeoutMs }), 1);
    const closing = backend.close({ timeoutMs });
    assert.deepEqual(codesOf(await backend.publish(numberedRecords(topic, 2), { timeoutMs })), [
      'CLOSED',
      'CLOSED',
    ]);
    await closing;
    assert.deepEqual(codesOf(await backend.publish(numberedRecords(topic, 2), { timeoutMs })), [
      'CLOSED',
      'CLOSED',
    ]);
    await assert.rejects(backend.connect({ timeoutMs }), { code: 'CLOSED' });
    assert.equal((await harness.readTopic(topic)).length, 1);
  });

  test('lifecycle: close can be called twice, side by side, and without anything done before', async () => {
    const unused = harness.create();
    await within(
      Promise.all([unused.close({ timeoutMs }), unused.close({ timeoutMs })]),
      timeoutMs / 2,
      'close',
    );
    const used = harness.create();
    await used.connect({ timeoutMs });
    await within(Promise.all([used.close({ timeoutMs }), used.close({ timeoutMs })]), timeoutMs / 2, 'close');
    await within(used.close({ timeoutMs }), timeoutMs / 2, 'close of a closed backend');
  });
}
