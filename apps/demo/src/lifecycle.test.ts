import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  describeEvent,
  describeStep,
  findProblem,
  hasEnded,
  type StepEvent,
  withEvent,
} from './lifecycle.js';

const stepsOf = (...events: readonly StepEvent[]) => events.reduce(withEvent, []);
const statesOf = (...events: readonly StepEvent[]) => stepsOf(...events).map(({ state }) => state);

describe('steps', () => {
  test('events of one state are one step, with all evidence and the last attempt', () => {
    const steps = stepsOf(
      { state: 'dispatched', attempt: 1 },
      { state: 'dispatched', attempt: 2 },
      { state: 'delivered', evidence: 'gateway' },
      { state: 'delivered', evidence: 'device' },
      { state: 'delivered', evidence: 'device' },
    );
    expect(steps.map(describeStep)).toEqual(['dispatched ×2', 'delivered (gateway, device)']);
  });

  test('an answer that is faster than the broker stays the last step', () => {
    const published = { state: 'published', evidence: 'broker' } as const;
    const executed = { state: 'succeeded', evidence: 'executed' } as const;
    const delivered = { state: 'delivered', evidence: 'gateway' } as const;
    const expected = ['published', 'dispatched', 'delivered', 'succeeded'];
    expect(statesOf({ state: 'dispatched' }, published, executed, delivered)).toEqual(expected);
    expect(statesOf({ state: 'dispatched' }, executed, delivered, published)).toEqual(expected);
  });

  test('a device that returns is dispatched to again', () => {
    expect(statesOf({ state: 'dispatched' }, { state: 'waiting' }, { state: 'dispatched' })).toEqual([
      'dispatched',
      'waiting',
      'dispatched',
    ]);
  });

  test('whatever comes in whatever order, no event is lost', () => {
    const event = fc.record({
      state: fc.constantFrom('published', 'dispatched', 'waiting', 'delivered', 'succeeded', 'expired'),
      evidence: fc.constantFrom('broker', 'gateway', 'device', 'executed'),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const said = stepsOf(...events).flatMap(({ state, evidence }) =>
          evidence.map((word) => `${state} ${word}`),
        );
        expect(new Set(said)).toEqual(new Set(events.map(({ state, evidence }) => `${state} ${evidence}`)));
      }),
    );
  });
});

describe('ends', () => {
  const ends = { state: 'succeeded', evidence: 'executed', after: 'waiting' } as const;
  const waiting = { state: 'waiting', reason: 'the device has not asked yet' } as const;
  const executed = { state: 'succeeded', evidence: 'executed' } as const;

  test('as it should', () => {
    expect(findProblem(stepsOf(waiting, executed), ends)).toBeUndefined();
    expect(hasEnded(stepsOf(waiting, executed), ends)).toBe(true);
  });

  test.each([
    [[], 'should be succeeded, but has no lifecycle event', false],
    [[waiting], 'should be succeeded, but is waiting (the device has not asked yet)', false],
    [[waiting, { state: 'expired' }], 'should be succeeded, but is expired', true],
    [[executed], 'is succeeded, but was never waiting', true],
    [
      [waiting, { state: 'succeeded', evidence: 'gateway' }],
      'is succeeded, but without the evidence executed',
      true,
    ],
  ] satisfies [StepEvent[], string, boolean][])('otherwise: %j', (events, problem, isOver) => {
    expect(findProblem(stepsOf(...events), ends)).toBe(problem);
    expect(hasEnded(stepsOf(...events), ends)).toBe(isOver);
  });

  test('delivered is an end only where nothing more is to come', () => {
    const delivered = stepsOf({ state: 'delivered', evidence: 'gateway' });
    expect(hasEnded(delivered, { state: 'delivered' })).toBe(true);
    expect(hasEnded(delivered, { state: 'delivered', evidence: 'device' })).toBe(false);
    expect(hasEnded(delivered, { state: 'succeeded' })).toBe(false);
  });
});

test('an event in words', () => {
  expect(describeEvent({ state: 'delivered', evidence: 'gateway' })).toBe('delivered (gateway)');
  expect(describeEvent({ state: 'waiting', reason: 'no answer' })).toBe('waiting: no answer');
});
