import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createDeferred } from '../deferred.js';
import type { ConformanceSuite } from '../harness.js';
import { numberOf } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { within } from '../within.js';
import { join, newGroupId } from './member.js';
import { writtenRecords } from './written-records.js';

const closeOptions = { timeoutMs: 10_000 };

export function subscriberLifecycleTests({ test, harness }: ConformanceSuite): void {
  test('lifecycle: subscribing to a topic that does not exist rejects with TOPIC_UNKNOWN', () =>
    withBackend(harness, async (backend) => {
      const topic = `no-such-topic-${randomUUID()}`;
      await assert.rejects(within(join(backend, { topic }), 45_000, 'the answer'), { code: 'TOPIC_UNKNOWN' });
    }));

  test('lifecycle: when onRecords rejects, closed rejects with the same error, and the records come again', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const groupId = newGroupId();
      await harness.writeTopic(topic, writtenRecords(0, 5, 1));
      const failure = new Error('the handler failed');
      const watched = createDeferred();
      const { subscription } = await join(backend, {
        topic,
        groupId,
        async onRecords() {
          await watched.promise;
          throw failure;
        },
      });
      const closed = assert.rejects(subscription.closed, (error) => error === failure);
      watched.resolve();
      await within(closed, 30_000, 'the end of the subscription');
      await subscription.close(closeOptions);
      const { inbox } = await join(backend, { topic, groupId });
      await inbox.until(({ length }) => length >= 5, '5 records');
      assert.deepEqual(inbox.records.map(numberOf), [0, 1, 2, 3, 4]);
    }));

  test('lifecycle: an onRecords that rejects before subscribe has returned gives its own error', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      await harness.writeTopic(topic, writtenRecords(0, 5, 1));
      const failure = new Error('the handler failed');
      const ended = async () => {
        const { subscription } = await join(backend, { topic, onRecords: () => Promise.reject(failure) });
        // As callers do that have more to prepare.
        await backend.offsets({ topic, groupId: newGroupId() });
        await subscription.closed;
      };
      await assert.rejects(
        within(ended(), 45_000, 'the end of the subscription'),
        (error) => error === failure,
      );
    }));

  test('lifecycle: topics whose names begin with __ are listed, without those of the brokers', () =>
    withBackend(harness, async (backend) => {
      const topic = `__own-${randomUUID()}`;
      await backend.createTopic({ topic, partitions: 2 });
      const listed = await backend.listTopics();
      assert.deepEqual(
        listed.find((found) => found.topic === topic),
        { topic, partitions: 2 },
      );
      assert.ok(listed.every((found) => found.topic !== '__consumer_offsets'));
      await assert.doesNotReject(backend.offsets({ topic, groupId: newGroupId() }));
    }));

  test('lifecycle: close waits for onRecords, and commits what is marked there', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const groupId = newGroupId();
      await harness.writeTopic(topic, writtenRecords(0, 5, 1));
      const closing = createDeferred();
      const joined = createDeferred();
      const member = await join(backend, {
        topic,
        groupId,
        async onRecords() {
          await Promise.all([closing.promise, joined.promise]);
          member.markAllProcessed();
        },
      });
      joined.resolve();
      await member.inbox.until(({ length }) => length > 0, 'the first records');
      const closed = member.subscription.close(closeOptions);
      closing.resolve();
      await within(closed, 30_000, 'close');
      await member.subscription.closed;
      const taken = member.inbox.records.length;
      await harness.writeTopic(topic, writtenRecords(5, 6, 1));
      const { inbox } = await join(backend, { topic, groupId });
      await inbox.until((records) => records.some((record) => numberOf(record) === 5), 'the last record');
      assert.equal(inbox.records.map(numberOf)[0], taken);
    }));

  test('lifecycle: close keeps its deadline while onRecords hangs, and nothing is committed for it', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const groupId = newGroupId();
      await harness.writeTopic(topic, writtenRecords(0, 5, 1));
      const hang = createDeferred();
      const first = harness.create();
      const { inbox, subscription } = await join(first, { topic, groupId, onRecords: () => hang.promise });
      await inbox.until(({ length }) => length > 0, 'the first records');
      await within(subscription.close({ timeoutMs: 500 }), 20_000, 'close');
      await within(first.close({ timeoutMs: 500 }), 20_000, 'close of the backend');
      const next = await join(backend, { topic, groupId });
      await next.inbox.until(({ length }) => length >= 5, '5 records');
      assert.deepEqual(next.inbox.records.map(numberOf), [0, 1, 2, 3, 4]);
      hang.resolve();
    }));

  test('lifecycle: connected until close, which can be called twice and side by side; no records come after it', () =>
    withBackend(harness, async (backend) => {
      const topic = await harness.createTopic({ partitions: 1 });
      const groupId = newGroupId();
      const { inbox, subscription } = await join(backend, { topic, groupId });
      assert.equal(subscription.isConnected(), true);
      await within(
        Promise.all([subscription.close(closeOptions), subscription.close(closeOptions)]),
        20_000,
        'close',
      );
      await subscription.close(closeOptions);
      await subscription.closed;
      assert.equal(subscription.isConnected(), false);
      await harness.writeTopic(topic, writtenRecords(0, 5, 1));
      const next = await join(backend, { topic, groupId });
      await next.inbox.until(({ length }) => length >= 5, '5 records');
      assert.equal(inbox.records.length, 0);
    }));

  test('lifecycle: a pending subscribe rejects with CLOSED when the backend is closed', async () => {
    const topic = await harness.createTopic({ partitions: 1 });
    const backend = harness.create();
    const rejected = assert.rejects(join(backend, { topic }), { code: 'CLOSED' });
    await within(Promise.all([backend.close(closeOptions), rejected]), 60_000, 'close');
  });

  test('lifecycle: after close, subscribing rejects with CLOSED', async () => {
    const topic = await harness.createTopic({ partitions: 1 });
    const backend = harness.create();
    await backend.close(closeOptions);
    await assert.rejects(join(backend, { topic }), { code: 'CLOSED' });
  });
}
