import { commandStates, type Evidence } from '@preservarium/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { event, lifecycleOf } from '../test/events.js';
import { isFinal } from './index.js';
import { namesNoLife } from './lives.js';

/** Few times and words, so that events often tie in all but one thing. */
const arbitraryEvent = fc
  .record(
    {
      state: fc.constantFrom(...commandStates),
      second: fc.nat(3),
      evidence: fc.constantFrom<Evidence>('broker', 'gateway', 'device', 'executed'),
      attempt: fc.integer({ min: 1, max: 2 }),
      reason: fc.constantFrom('a', 'b'),
      result: fc.constantFrom<(string | number)[]>('on', 1),
      protocol: fc.constantFrom('mqtt', 'http'),
      mayBeRepeat: fc.boolean(),
    },
    { requiredKeys: ['state', 'second'] },
  )
  .map(({ state, ...rest }) => event(state, rest));

/** Of a command that was never redriven, under one claim. */
const events = fc.array(arbitraryEvent, { minLength: 1, maxLength: 12 });
const eventsOfLives = fc.array(
  fc
    .tuple(
      arbitraryEvent,
      fc.constantFrom({}, { redrivenAt: new Date(1_000) }, { redrivenAt: new Date(2_000) }),
      fc.constantFrom({}, { claimEpoch: 1 }, { claimEpoch: 2 }, { claimEpoch: 3 }),
    )
    .map(([told, life, claim]) => ({ ...told, ...life, ...claim })),
  { minLength: 1, maxLength: 12 },
);
/** Answers of the device count from the first event on. */
const dispatchedEvents = events.map((told) => [event('dispatched'), ...told]);

/** Some events, and the same ones in another order, some of them repeated. */
const twoTellings = eventsOfLives.chain((told) =>
  fc.tuple(
    fc.constant(told),
    fc
      .tuple(
        fc.shuffledSubarray(told, { minLength: told.length }),
        fc.array(fc.constantFrom(...told), { maxLength: 6 }),
      )
      .chain(([each, repeated]) => {
        // A repeated event is an object of its own, as one that was read from a topic again.
        const all = [...each, ...repeated.map((event) => ({ ...event }))];
        return fc.shuffledSubarray(all, { minLength: all.length });
      }),
  ),
);

test('the same events give the same lifecycle in whatever order and however often they come', () => {
  fc.assert(
    fc.property(twoTellings, ([told, retold]) => {
      expect(lifecycleOf(retold)).toStrictEqual(lifecycleOf(told));
    }),
    { numRuns: 2_000 },
  );
});

test('a command in a final state stays there', () => {
  fc.assert(
    fc.property(dispatchedEvents, (told) => {
      const ends = told.map((_, index) => lifecycleOf(told.slice(0, index + 1)).isFinal);
      expect(ends).toEqual(ends.toSorted());
      expect(ends.at(-1)).toBe(told.some(({ state }) => isFinal(state)));
    }),
  );
});

test('a final state is left for no later event', () => {
  fc.assert(
    fc.property(dispatchedEvents, (told) => {
      const inOrder = told.toSorted((a, b) => a.timestamp.getTime() - b.timestamp.getTime());
      const first = inOrder.find(({ state }) => isFinal(state));
      const rivals = inOrder.filter(
        ({ state, timestamp }) => isFinal(state) && timestamp.getTime() === first?.timestamp.getTime(),
      );
      fc.pre(rivals.length === 1);
      expect(lifecycleOf(told).state).toBe(first?.state);
    }),
  );
});

test('there is one event of each emitted state, or two with answers, in the order of their times', () => {
  fc.assert(
    fc.property(events, (told) => {
      const kept = lifecycleOf(told).events;
      expect(new Set(kept.map(({ state }) => state))).toEqual(new Set(told.map(({ state }) => state)));
      for (const state of commandStates) {
        const ofState = kept.filter((each) => each.state === state);
        expect(ofState.length).toBeLessThanOrEqual(ofState.some(namesNoLife) ? 2 : 1);
      }
      const times = kept.map(({ timestamp }) => timestamp.getTime());
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }),
  );
});
