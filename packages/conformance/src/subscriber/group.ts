import assert from 'node:assert/strict';
import type { Backend, ConsumedRecord } from '@preservarium/backend';
import { createDeferred } from '../deferred.js';
import type { ConformanceHarness, ConformanceSuite } from '../harness.js';
import { numberOf } from '../numbered-records.js';
import { withBackend } from '../with-backend.js';
import { within } from '../within.js';
import { endsOf, type JoinOptions, join, type Member, newGroupId } from './member.js';
import { writtenRecords } from './written-records.js';

const partitions = 4;
const rebalanceTimeoutMs = 45_000;

export function groupTests({ test, harness }: ConformanceSuite): void {
  test('group: members share the partitions, and one that leaves gives its own to the others', () =>
    withTwoBackends(harness, async (backends) => {
      const topic = await harness.createTopic({ partitions });
      const group = createGroup({ topic, groupId: newGroupId() });
      const first = await group.join(backends[0]);
      const second = await group.join(backends[1]);
      await group.until(
        () => first.owned().length === 2 && second.owned().length === 2,
        'two partitions for each member',
      );
      assert.deepEqual([...first.owned(), ...second.owned()].sort(), [0, 1, 2, 3]);
      await second.subscription.close({ timeoutMs: 10_000 });
      await group.until(() => first.owned().length === 4, 'all partitions for the member that is left');
      await harness.writeTopic(topic, writtenRecords(0, 40, partitions));
      await first.inbox.until(({ length }) => length >= 40, '40 records');
      assert.equal(second.inbox.records.length, 0);
    }));

  test('group: when a member joins, onRevoked is awaited, and what is marked in it is not handed over again', () =>
    withTwoBackends(harness, async (backends) => {
      const topic = await harness.createTopic({ partitions });
      await harness.writeTopic(topic, writtenRecords(0, 400, partitions));
      const group = createGroup({ topic, groupId: newGroupId() });
      const first: Member = await group.join(backends[0], {
        async onRevoked() {
          // As long as a delivery in flight might take.
          await new Promise((resolve) => setTimeout(resolve, 200));
          first.markAllProcessed();
        },
      });
      await first.inbox.until(({ length }) => length >= 400, '400 records');
      const second = await group.join(backends[1]);
      await group.until(
        () => first.owned().length === 2 && second.owned().length === 2,
        'two partitions for each member',
      );
      await harness.writeTopic(topic, writtenRecords(400, 800, partitions));
      await Promise.all([
        first.inbox.until(
          (records) => countFrom(400, records) >= 200,
          '200 new records for the first member',
        ),
        second.inbox.until(
          (records) => countFrom(400, records) >= 200,
          '200 new records for the second member',
        ),
      ]);
      const numbers = [...first.inbox.records, ...second.inbox.records].map(numberOf).sort((a, b) => a - b);
      assert.deepEqual(
        numbers,
        Array.from({ length: 800 }, (_, number) => number),
        'every record is handed over once',
      );
    }));

  test('group: no record is lost when members join and leave while records are written', () =>
    withTwoBackends(harness, async (backends) => {
      const topic = await harness.createTopic({ partitions });
      const group = createGroup({ topic, groupId: newGroupId() });
      const joinAndMark = async (backend: Backend) => {
        const joined = createDeferred();
        const member: Member = await group.join(backend, {
          async onRecords(records) {
            await joined.promise;
            for (const position of endsOf(records)) member.subscription.markProcessed(position);
          },
        });
        joined.resolve();
        return member;
      };
      const first = await joinAndMark(backends[0]);
      const writer = startWriting(harness, topic);
      let second: Member;
      try {
        second = await joinAndMark(backends[1]);
        await group.until(() => second.owned().length === 2, 'partitions for the second member');
        await second.inbox.until(({ length }) => length > 0, 'records for the second member');
        await second.subscription.close({ timeoutMs: 10_000 });
        await group.until(() => first.owned().length === 4, 'all partitions for the first member');
      } finally {
        await writer.stop();
      }
      const written = await writer.stop();
      const missing = () => {
        const seen = new Set([...first.inbox.records, ...second.inbox.records].map(numberOf));
        return Array.from({ length: written }, (_, number) => number).filter((number) => !seen.has(number));
      };
      await first.inbox.until(() => missing().length === 0, `all of ${written} records`);
    }));

  test('group: a member that is far behind when its partitions are taken goes on when it has them again', () =>
    withTwoBackends(harness, async (backends) => {
      const count = 16_000;
      const topic = await harness.createTopic({ partitions });
      await harness.writeTopic(topic, writtenRecords(0, count, partitions));
      const group = createGroup({ topic, groupId: newGroupId() });
      const revoked = createDeferred();
      const first = await group.join(backends[0], {
        onRecords: () => revoked.promise,
        async onRevoked() {
          revoked.resolve();
        },
      });
      await first.inbox.until(
        (records) => new Set(records.map(({ partition }) => partition)).size === partitions,
        'records of each partition, whose handlers then wait',
      );
      const second = await group.join(backends[1]);
      await group.until(() => second.owned().length === 2, 'partitions for the second member');
      await second.subscription.close({ timeoutMs: 10_000 });
      await group.until(() => first.owned().length === 4, 'all partitions for the first member');
      await first.inbox.until(
        (records) => new Set(records.map(numberOf)).size === count,
        `all of ${count} records`,
      );
    }));
}

/** Writes records until it is stopped; `stop` gives how many. */
function startWriting(harness: ConformanceHarness, topic: string): { stop(): Promise<number> } {
  let writing = true;
  const written = (async () => {
    let end = 0;
    for (; writing; end += 40) await harness.writeTopic(topic, writtenRecords(end, end + 40, partitions));
    return end;
  })();
  return {
    stop() {
      writing = false;
      return written;
    },
  };
}

/** Joins members to one group, and waits for changes of what they own. */
function createGroup(options: JoinOptions) {
  const checks = new Set<() => void>();
  return {
    join: (backend: Backend, more: Partial<JoinOptions> = {}) =>
      join(backend, {
        ...options,
        ...more,
        onOwnedChanged() {
          for (const check of checks) check();
        },
      }),
    async until(condition: () => boolean, what: string): Promise<void> {
      const happened = createDeferred();
      const check = () => {
        if (condition()) happened.resolve();
      };
      checks.add(check);
      check();
      await within(happened.promise, rebalanceTimeoutMs, what);
      checks.delete(check);
    },
  };
}

type Backends = readonly [Backend, Backend];

function withTwoBackends(
  harness: ConformanceHarness,
  run: (backends: Backends) => Promise<void>,
): Promise<void> {
  return withBackend(harness, (first) => withBackend(harness, (second) => run([first, second])));
}

function countFrom(start: number, records: readonly ConsumedRecord[]): number {
  return records.filter((record) => numberOf(record) >= start).length;
}
