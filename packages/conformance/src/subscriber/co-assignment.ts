import assert from 'node:assert/strict';
import type { Backend, TopicPartition } from '@preservarium/backend';
import { createDeferred } from '../deferred.js';
import type { ConformanceHarness, ConformanceSuite } from '../harness.js';
import { withBackend } from '../with-backend.js';
import { within } from '../within.js';
import { newGroupId } from './member.js';

const partitions = 4;
const rebalanceTimeoutMs = 45_000;

export function coAssignmentTests({ test, harness }: ConformanceSuite): void {
  test('group: each member has the same partitions of topics of one size, however many members there are', () =>
    withBackends(harness, 3, async (backends) => {
      const topics = await Promise.all([1, 2].map(() => harness.createTopic({ partitions })));
      const groupId = newGroupId();
      const members: ReadonlySet<string>[] = [];
      let onChange = () => {};
      for (const backend of backends) {
        const owned = new Set<string>();
        members.push(owned);
        await backend.subscribe({
          topics,
          groupId,
          from: 'beginning',
          onRecords: async () => {},
          onAssigned(assigned) {
            for (const partition of assigned) owned.add(nameOf(partition));
            onChange();
          },
          async onRevoked(revoked) {
            for (const partition of revoked) owned.delete(nameOf(partition));
            onChange();
          },
        });
        const divided = createDeferred();
        onChange = () => {
          if (isDivided(members)) divided.resolve();
        };
        onChange();
        await within(divided.promise, rebalanceTimeoutMs, `all partitions among ${members.length} members`);
        for (const member of members) {
          const [one, other] = topics.map((topic) =>
            [0, 1, 2, 3].filter((partition) => member.has(nameOf({ topic, partition }))),
          );
          assert.deepEqual(one, other, 'the same partitions of both topics');
        }
      }
    }));
}

/** Everyone has something, and together they have all. */
function isDivided(members: readonly ReadonlySet<string>[]): boolean {
  const counts = members.map(({ size }) => size);
  return Math.min(...counts) > 0 && counts.reduce((sum, count) => sum + count, 0) === 2 * partitions;
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

function withBackends(
  harness: ConformanceHarness,
  count: number,
  run: (backends: readonly Backend[]) => Promise<void>,
): Promise<void> {
  if (count === 0) return run([]);
  return withBackend(harness, (backend) =>
    withBackends(harness, count - 1, (others) => run([backend, ...others])),
  );
}
