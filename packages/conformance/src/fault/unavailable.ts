import assert from 'node:assert/strict';
import { PublishTimedOutError } from '@preservarium/core';
import { assertAllAcknowledged, codesOf, numberedRecords, numberOf } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { within } from '../within.js';
import type { FaultSuite } from './fault-suite.js';

const patientMs = 30_000;
/** Nothing listens on port 1 of a machine in its ordinary state. */
const nowhere = { brokers: ['127.0.0.1:1'] };

/** Brokers that cannot be reached, or do not answer in time. */
export function unavailableTests({ test, harness, cluster }: FaultSuite): void {
  test('no broker: connect rejects with BACKEND_UNAVAILABLE, and publish is answered by its deadline', () =>
    withBackend(
      harness,
      async (backend) => {
        const connecting = backend.connect({ timeoutMs: 3_000 });
        await assert.rejects(within(connecting, patientMs, 'the answer of connect'), {
          code: 'BACKEND_UNAVAILABLE',
        });
        const publishing = backend.publish(numberedRecords('any', 3), { timeoutMs: 2_000 });
        assertUnavailable(codesOf(await within(publishing, patientMs, 'the answer of publish')));
      },
      nowhere,
    ));

  test('no broker: close ends at its deadline and answers every push', async () => {
    const backend = harness.create(nowhere);
    const publishing = backend.publish(numberedRecords('any', 3), { timeoutMs: patientMs });
    await within(backend.close({ timeoutMs: 1_000 }), patientMs / 2, 'close');
    const codes = codesOf(await within(publishing, patientMs / 2, 'the answer of publish'));
    assert.ok(
      codes.every((code) => code === 'CLOSED' || code === 'BACKEND_UNAVAILABLE'),
      `codes are ${codes}`,
    );
  });

  test('brokers gone during a push: it is answered by its deadline, and pushes work again when they are back', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 3 });
      assertAllAcknowledged(await backend.publish(numberedRecords(topic, 10), { timeoutMs: patientMs }), 10);
      await cluster.kill();
      try {
        const publishing = backend.publish(numberedRecords(topic, 10), { timeoutMs: 2_000 });
        assertUnavailable(codesOf(await within(publishing, patientMs, 'the answer of publish')));
      } finally {
        await cluster.start();
      }
      assertAllAcknowledged(await backend.publish(numberedRecords(topic, 10), { timeoutMs: patientMs }), 10);
    }));

  test('brokers frozen with a small queue: every push is answered, and what is said not to be sent is not sent', async () => {
    const topic = await harness.createTopic({ partitions: 3 });
    const unsent = new Set<number>();
    await withBackend(
      harness,
      async (backend) => {
        await backend.connect({ timeoutMs: patientMs });
        cluster.freeze();
        try {
          const calls = numberedRecords(topic, 1_000, { valueBytes: 300 }).map(async (record) => {
            const [outcome] = await backend.publish([record], { timeoutMs: 3_000 });
            if (!outcome || outcome.ok) throw new Error('acknowledged by a frozen broker');
            assertUnavailable([outcome.error.code]);
            const { error } = outcome;
            if (PublishTimedOutError.isInstance(error) ? !error.mayBeWritten : error.code === 'QUEUE_FULL') {
              unsent.add(numberOf(record));
            }
          });
          await within(Promise.all(calls), patientMs, 'the answer to every push');
        } finally {
          cluster.thaw();
        }
        assert.ok(unsent.size > 0, 'some pushes found no room');
        const later = [{ topic, key: 'device-1', value: Buffer.from('1000') }];
        assertAllAcknowledged(await backend.publish(later, { timeoutMs: patientMs }), 1);
      },
      { maxQueuedBytes: 20_000 },
    );
    const wronglySent = (await harness.readTopic(topic)).map(numberOf).filter((number) => unsent.has(number));
    assert.deepEqual(wronglySent, []);
  });

  test('brokers frozen: close ends at its deadline and answers every push', async () => {
    const backend = harness.create();
    const topic = await harness.createTopic({ partitions: 3 });
    await backend.connect({ timeoutMs: patientMs });
    cluster.freeze();
    try {
      const calls = numberedRecords(topic, 1_000).map((record) =>
        backend.publish([record], { timeoutMs: patientMs }),
      );
      await within(backend.close({ timeoutMs: 1_000 }), patientMs / 2, 'close');
      const outcomes = await within(Promise.all(calls), patientMs / 2, 'the answer to every push');
      assert.deepEqual(new Set(codesOf(outcomes.flat())), new Set(['CLOSED']));
    } finally {
      cluster.thaw();
    }
  });
}

function assertUnavailable(codes: readonly string[]): void {
  const allowed = ['BACKEND_UNAVAILABLE', 'PUBLISH_TIMED_OUT', 'QUEUE_FULL'];
  assert.ok(
    codes.every((code) => allowed.includes(code)),
    `codes are ${[...new Set(codes)]}`,
  );
}
