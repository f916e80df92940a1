import type { Backend } from '@preservarium/backend';
import { createMemoryBackend, type MemoryBroker } from '@preservarium/backend-memory';
import { expect, test } from 'vitest';
import { createWorld, desiredTopic } from '../test/world.js';

/** A process whose records take a way of their own to Kafka. */
function withPublish(broker: MemoryBroker, beforeWrite: () => Promise<void>): Backend {
  const backend = createMemoryBackend({ broker });
  return {
    ...backend,
    async publish(records, options) {
      await beforeWrite();
      return backend.publish(records, options);
    },
  };
}

test('a writer that lost writes again before its void record is in Kafka', async () => {
  const { broker, open, read } = createWorld();
  const way = Promise.withResolvers<void>();
  let writes = 0;
  const slow = await open({
    backend: withPublish(broker, async () => {
      writes += 1;
      if (writes === 1) await way.promise;
    }),
  });
  const other = await open();
  const pushed = slow.pushSettings('d1', { a: 1 });
  await other.pushSettings('d1', { b: 1 });
  expect((await pushed).desired).toEqual({ a: 1, b: 1 });
  expect(writes).toBe(2);
  way.resolve();
  await expect.poll(() => read()).toHaveLength(3);
  await slow.pushSettings('d1', { c: 1 });
  expect(other.getSettings('d1')?.desired).toEqual({ a: 1, b: 1, c: 1 });
});

test('of three processes that change a device all the time, the one farthest from Kafka has its share', async () => {
  const changes = 100;
  const { broker, open } = createWorld();
  // In memory, a process that waits for nothing has all of its turns at once.
  const turnsOfTheLoop = [1, 2, 5];
  const processes = await Promise.all(
    turnsOfTheLoop.map((turns) =>
      open({
        backend: withPublish(broker, async () => {
          for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        }),
      }),
    ),
  );
  const counts = processes.map(() => 0);
  let whenFirstHasAll: number[] | undefined;
  await Promise.all(
    processes.flatMap((settings, index) =>
      Array.from({ length: changes }, async (_, number) => {
        await settings.pushSettings('d1', { [`process ${index}`]: number });
        counts[index] = (counts[index] ?? 0) + 1;
        if (counts[index] === changes) whenFirstHasAll ??= [...counts];
      }),
    ),
  );
  expect(counts).toEqual([changes, changes, changes]);
  expect(Math.min(...(whenFirstHasAll ?? []))).toBeGreaterThanOrEqual(changes / 2);
  const last = { 'process 0': changes - 1, 'process 1': changes - 1, 'process 2': changes - 1 };
  expect(processes[0]?.getSettings('d1')?.desired).toEqual(last);
  expect(broker.records(desiredTopic).length).toBeLessThan(3 * 3 * changes);
});
