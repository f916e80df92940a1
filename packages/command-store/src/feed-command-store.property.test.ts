import { commandStates, type LifecycleEvent } from '@preservarium/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorld, event, lifecyclesOf } from '../test/world.js';

const devices = ['d1', 'd2', 'd3'];

/** Few commands, times and states, so that events often meet. */
const arbitraryEvent = fc
  .record({
    state: fc.constantFrom(...commandStates),
    second: fc.nat(4),
    device: fc.constantFrom(...devices),
    number: fc.nat(3),
    attempt: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ state, second, device, number, attempt }) =>
    event(state, { second, attempt, deviceId: device, requestId: `${device}-${number}` }),
  );

/** Events as they come, some of them again, in parts; between the parts what feeds the store is another process. */
const arbitraryParts = fc.array(arbitraryEvent, { minLength: 1, maxLength: 30 }).chain((events) =>
  fc
    .array(fc.constantFrom(...events), { maxLength: 10 })
    .chain((repeated) => fc.shuffledSubarray([...events, ...repeated], { minLength: events.length }))
    .chain((told) => fc.nat(told.length).map((cut) => [told.slice(0, cut), told.slice(cut)])),
);

test('whatever comes in whatever order, the store has what merging all of it gives, and a rebuild changes nothing', () =>
  fc.assert(
    fc.asyncProperty(arbitraryParts, async (parts) => {
      const { store, write, feed } = createWorld();
      for (const part of parts) {
        await write(...part);
        const { caughtUp, close } = await feed();
        await caughtUp();
        await close();
      }
      const all = async () =>
        new Map((await store.list({ limit: 100 })).lifecycles.map((each) => [each.requestId, each]));
      const expected = lifecyclesOf(parts.flat() as LifecycleEvent[]);
      expect(await all()).toEqual(expected);
      await store.clear();
      const { caughtUp, close } = await feed();
      await caughtUp();
      await close();
      expect(await all()).toEqual(expected);
    }),
    { numRuns: 100 },
  ));
