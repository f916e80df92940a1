import { type Backend, type PublishOutcome, partitionForKey } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { BackendUnavailableError } from '@preservarium/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFakeDeliverer } from '../test/fake-deliverer.js';
import { createWorld, type World } from '../test/world.js';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

const devicesOf = (partition: number) =>
  Array.from({ length: 200 }, (_, number) => `d${number}`).filter(
    (id) => partitionForKey(id, 2) === partition,
  );

/** A backend that cannot write the records of the devices in one partition of a topic. */
function withBrokenPartition(inner: Backend, topic: string, partition: number) {
  let isBroken = true;
  const error = new BackendUnavailableError('the partition has no leader');
  const isRefused = (record: { topic: string; key: string | Buffer | null }) =>
    isBroken && record.topic === topic && partitionForKey(String(record.key), 2) === partition;
  const backend: Backend = {
    ...inner,
    async publish(records, options) {
      const refused = records.map(isRefused);
      const taken = records.filter((_, index) => !refused[index]);
      const outcomes = taken.length === 0 ? [] : [...(await inner.publish(taken, options))];
      return refused.map((wasRefused) =>
        wasRefused ? { ok: false, error } : (outcomes.shift() as PublishOutcome),
      );
    },
  };
  return {
    backend,
    heal() {
      isBroken = false;
    },
  };
}

test.each(['device_command_events', 'device_commands_dead'])(
  'while one partition of %s takes nothing, the devices of the others get their commands',
  async (topic) => {
    const broken = withBrokenPartition(createMemoryBackend({ broker: world.broker }), topic, 0);
    // Rejected: each command is an event and a dead letter.
    const deliverer = createFakeDeliverer(() => ({ kind: 'rejected', reason: 'no' }));
    await world.start(deliverer, { backend: broken.backend, limits: { maxInFlight: 20 } });
    const [stalled, healthy] = [devicesOf(0), devicesOf(1)];
    const held = await Promise.all(stalled.map((deviceId) => world.push({ deviceId })));
    // Enough to hold up everything: they come after those of the broken partition.
    await expect.poll(() => deliverer.attempts.length).toBeGreaterThan(0);
    const good = await Promise.all(healthy.map((deviceId) => world.push({ deviceId })));
    for (const requestId of good) await world.untilStates(requestId, ['dispatched', 'rejected']);
    broken.heal();
    // The written part of a batch comes again with the rest of it.
    const states = (requestId: string) => [...new Set(world.states(requestId))];
    for (const requestId of held) await world.until(() => states(requestId), ['dispatched', 'rejected']);
    await expect.poll(() => world.uncommitted()).toBe(0);
    const dead = new Set(world.deadLetters().map(({ key }) => String(key)));
    expect(dead.size).toBe(stalled.length + healthy.length);
  },
);
