import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCrashableBackend } from '../test/crashable-backend.js';
import { accepted, createFakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createStateDirs } from '../test/state-dirs.js';
import { createWorld, type World } from '../test/world.js';

const retry = { maxAttempts: 1, baseDelayMs: 60_000, maxDelayMs: 60_000 };
const old = ['old 1', 'old 2', 'old 3'];
const added = ['new 1', 'new 2', 'new 3', 'new 4'];
let world: World;
let files: ReturnType<typeof createStateDirs>;

beforeEach(() => {
  world = createWorld();
  files = createStateDirs();
});
afterEach(async () => {
  await world.close();
  files[Symbol.dispose]();
});

const pushAll = async (notes: readonly string[]) => {
  for (const note of notes) await world.push({ note });
};

describe.each(['memory', 'a file'])(
  'commands that wait when the command topic is created anew, with a store in %s',
  (where) => {
    let place: { stateDir?: string };
    let isThere = false;
    const create = () => createFakeDeliverer(() => (isThere ? accepted : unreachable));

    beforeEach(() => {
      place = where === 'memory' ? {} : { stateDir: files.take() };
      isThere = false;
    });

    test('go out before those at the same offsets of the new topic, each once', async () => {
      const deliverer = create();
      const connector = await world.start(deliverer, { ...place, retry });
      await pushAll(old);
      await expect.poll(() => connector.status().waiting).toBe(3);
      await expect.poll(() => world.uncommitted()).toBe(0);
      world.broker.recreateTopic('device_commands');
      await pushAll(added);
      await expect.poll(() => connector.status().waiting, { timeout: 10_000 }).toBe(7);
      isThere = true;
      deliverer.port.reachable('d1');
      await expect.poll(() => deliverer.accepted()).toEqual([...old, ...added]);
      await expect.poll(() => connector.status().waiting).toBe(0);
      const sequences = deliverer.attempts
        .slice(-7)
        .map(({ context }) => Number(context.sequence?.split(':')[1]));
      expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
    });

    test('do so, too, with the next connectors, orderly or after a crash', async () => {
      const first = await world.start(create(), { ...place, retry });
      await pushAll(old);
      await expect.poll(() => first.status().waiting).toBe(3);
      await expect.poll(() => world.uncommitted()).toBe(0);
      await first.close();
      world.broker.recreateTopic('device_commands');

      const { backend, crash } = createCrashableBackend(world.broker);
      const second = await world.start(create(), { ...place, retry, backend });
      await pushAll(added.slice(0, 2));
      await expect.poll(() => second.status().waiting).toBe(5);
      await expect.poll(() => world.uncommitted()).toBe(0);
      await crash();
      if (place.stateDir !== undefined) {
        files.giveBackCopy(place.stateDir);
        place = { stateDir: files.take() };
      }

      const deliverer = create();
      const third = await world.start(deliverer, { ...place, retry });
      await pushAll(added.slice(2));
      await expect.poll(() => third.status().waiting).toBe(7);
      isThere = true;
      deliverer.port.reachable('d1');
      await expect.poll(() => deliverer.accepted()).toEqual([...old, ...added]);
      await expect.poll(() => third.status().waiting).toBe(0);
      await expect.poll(() => world.uncommitted()).toBe(0);
    });

    test('end as superseded by one at the same offset', async () => {
      const deliverer = create();
      const connector = await world.start(deliverer, { ...place, retry });
      const ids = [
        await world.push({ note: 'old', supersedeKey: 'k' }),
        await world.push({ note: 'other', supersedeKey: 'j' }),
      ];
      await expect.poll(() => connector.status().waiting).toBe(2);
      world.broker.recreateTopic('device_commands');
      await world.push({ note: 'newer', supersedeKey: 'k' });
      await world.untilStates(ids[0] as string, ['dispatched', 'waiting', 'superseded']);
      isThere = true;
      deliverer.port.reachable('d1');
      await expect.poll(() => deliverer.accepted()).toEqual(['other', 'newer']);
    });
  },
);
