import type { CommandState, LifecycleEvent } from '@preservarium/core';
import { expect, test } from 'vitest';
import { event, lifecycleOf } from '../test/events.js';
import { merge } from './index.js';

/** The state after events in this order, each a second later than the one before. */
const stateAfter = (...states: CommandState[]) =>
  lifecycleOf(states.map((state, second) => event(state, { second }))).state;

test.each<[CommandState[], CommandState]>([
  [['published', 'dispatched', 'delivered', 'succeeded'], 'succeeded'],
  [['dispatched', 'waiting'], 'waiting'],
  [['dispatched', 'waiting', 'dispatched'], 'dispatched'],
  [['dispatched', 'delivered', 'dispatched', 'waiting'], 'delivered'],
  [['dispatched', 'published'], 'dispatched'],
  [['dispatched', 'delivered', 'failed'], 'failed'],
  [['succeeded', 'delivered', 'dispatched', 'waiting'], 'succeeded'],
  [['failed', 'succeeded'], 'failed'],
  [['dead', 'dispatched', 'delivered'], 'dead'],
])('after %j a command is %s', (states, expected) => {
  expect(stateAfter(...states)).toBe(expected);
});

test.each<CommandState>(['succeeded', 'failed', 'rejected', 'expired', 'superseded', 'cancelled', 'dead'])(
  '%s is final: no later event changes it',
  (state) => {
    for (const later of ['dispatched', 'waiting', 'delivered', 'succeeded', 'failed', 'dead'] as const) {
      expect(stateAfter(state, later)).toBe(state);
    }
    expect(lifecycleOf([event(state)]).isFinal).toBe(true);
  },
);

test('the final state that came first by its own time counts, also when it is heard of later', () => {
  const succeeded = event('succeeded', { second: 1 });
  const dead = event('dead', { second: 2 });
  expect(lifecycleOf([dead, succeeded]).state).toBe('succeeded');
});

test('a lifecycle says what its state says, and has an event of each state, the oldest first', () => {
  const delivered = event('delivered', { second: 2, evidence: 'device', protocol: 'coap' });
  const failed = event('failed', { second: 3, evidence: 'executed', reason: 'jammed', result: { code: 4 } });
  const dispatched = event('dispatched', { second: 1, commandType: 'open' });
  expect(lifecycleOf([failed, dispatched, delivered])).toStrictEqual({
    requestId: 'r1',
    deviceId: 'd1',
    commandType: 'open',
    protocol: 'coap',
    state: 'failed',
    isFinal: true,
    timestamp: failed.timestamp,
    evidence: 'executed',
    reason: 'jammed',
    result: { code: 4 },
    nextAttemptAt: undefined,
    behind: undefined,
    issuedBy: undefined,
    events: [dispatched, delivered, failed],
  });
});

test.each<[LifecycleEvent['evidence'], CommandState]>([
  ['gateway', 'waiting'],
  ['device', 'delivered'],
])('a command that waits after a delivery with the evidence %s is %s', (evidence, state) => {
  const delivered = event('delivered', { second: 1, evidence });
  const waiting = event('waiting', { second: 2, reason: 'unanswered' });
  expect(lifecycleOf([event('dispatched'), delivered, waiting]).state).toBe(state);
  expect(
    lifecycleOf([event('dispatched'), { ...waiting, timestamp: event('waiting').timestamp }, delivered])
      .state,
  ).toBe('delivered');
});

test('the stronger evidence of a delivery is kept, then the earlier one', () => {
  const byGateway = event('delivered', { second: 1, evidence: 'gateway', attempt: 1 });
  const byDevice = event('delivered', { second: 2, evidence: 'device', attempt: 2 });
  const again = event('delivered', { second: 3, evidence: 'device', attempt: 3 });
  expect(lifecycleOf([byGateway, again, byDevice]).events).toEqual([byDevice]);
});

test('an answer that came with the delivery is the result, unless a later one came', () => {
  const delivered = event('delivered', { result: { on: true } });
  expect(lifecycleOf([delivered, event('succeeded', { second: 1 })]).result).toEqual({ on: true });
  expect(lifecycleOf([delivered, event('succeeded', { second: 1, result: 7 })]).result).toBe(7);
});

test('an event that says nothing new gives back the very lifecycle', () => {
  const lifecycle = lifecycleOf([event('dispatched'), event('delivered', { second: 1 })]);
  expect(merge(lifecycle, event('delivered', { second: 1 }))).toBe(lifecycle);
  expect(merge(lifecycle, event('delivered', { second: 9 }))).toBe(lifecycle);
});

test('a command that waits says until when and behind which other one', () => {
  const waiting = event('waiting', { second: 1, nextAttemptAt: new Date(60_000), behind: 'r0' });
  expect(lifecycleOf([event('dispatched'), waiting])).toMatchObject({
    state: 'waiting',
    nextAttemptAt: new Date(60_000),
    behind: 'r0',
  });
  expect(lifecycleOf([waiting, event('dispatched', { second: 2 })]).behind).toBeUndefined();
});

test.each<Partial<LifecycleEvent>>([{ requestId: 'r2' }, { deviceId: 'd2' }])(
  'an event of another command is refused: %j',
  (other) => {
    const lifecycle = lifecycleOf([event('dispatched')]);
    expect(() => merge(lifecycle, { ...event('dead'), ...other })).toThrow(RangeError);
  },
);
