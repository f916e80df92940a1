import { expect, test } from 'vitest';
import { event, lifecycleOf } from '../test/events.js';

const redrivenAt = new Date(10_000);
const first = [
  event('published', { evidence: 'broker' }),
  event('dispatched', { second: 1, attempt: 1 }),
  event('dead', { second: 2, reason: '5 attempts failed' }),
];
const again = event('published', { second: 10, evidence: 'broker', redrivenAt });

test('a redrive begins a new life: its state is that of the command, and the end of the first stays', () => {
  const published = lifecycleOf([...first, again]);
  expect(published).toMatchObject({ state: 'published', isFinal: false, timestamp: redrivenAt });
  expect(published.events).toEqual([...first, again]);
  const dispatched = event('dispatched', { second: 11, attempt: 1, redrivenAt });
  const delivered = event('delivered', { second: 12, evidence: 'device', attempt: 1, redrivenAt });
  const lifecycle = lifecycleOf([delivered, ...first, dispatched, again]);
  expect(lifecycle).toMatchObject({ state: 'delivered', evidence: 'device' });
  expect(lifecycle.events.map(({ state }) => state)).toEqual([
    ...['published', 'dispatched', 'dead'],
    ...['published', 'dispatched', 'delivered'],
  ]);
});

test('a second life may end as the first did', () => {
  const dead = event('dead', { second: 13, redrivenAt, reason: 'again' });
  const lifecycle = lifecycleOf([dead, ...first, again]);
  expect(lifecycle).toMatchObject({ state: 'dead', isFinal: true, reason: 'again' });
  expect(lifecycle.events.filter(({ state }) => state === 'dead')).toHaveLength(2);
});

test('an answer that names no life counts in the one at its time, whichever answers came before', () => {
  const dispatched = event('dispatched', { second: 11, attempt: 1, redrivenAt });
  const late = event('failed', { second: 5, evidence: 'executed' });
  const answered = event('failed', { second: 12, evidence: 'executed' });
  const beforeIt = lifecycleOf([...first, late, again, dispatched]);
  expect(beforeIt).toMatchObject({ state: 'dispatched', isFinal: false });
  const after = lifecycleOf([...first, late, answered, again, dispatched]);
  expect(after).toMatchObject({ state: 'failed', timestamp: answered.timestamp });
  expect(lifecycleOf([again, answered, dispatched, late, ...first])).toEqual(after);
});

test('an answer that names no life is kept, whether a stronger one came before or after it', () => {
  const dispatched = event('dispatched', { second: 0, attempt: 1 });
  const best = event('delivered', { second: 1, evidence: 'executed', attempt: 1 });
  const answer = event('delivered', { second: 2, evidence: 'device' });
  const later = event('delivered', { second: 3, evidence: 'executed', attempt: 1 });
  const inOrder = lifecycleOf([dispatched, best, answer, later]);
  expect(inOrder.events).toContainEqual(answer);
  expect(lifecycleOf([later, answer, best, dispatched])).toEqual(inOrder);
  expect(lifecycleOf([dispatched, later, best, answer])).toEqual(inOrder);
});

test('the newest lives are kept, up to a limit', () => {
  const lives = Array.from({ length: 30 }, (_, life) =>
    event('dead', { second: life + 1, redrivenAt: new Date((life + 1) * 1_000) }),
  );
  const lifecycle = lifecycleOf(lives.toReversed());
  expect(lifecycle.events).toEqual(lives.slice(-10));
  expect(lifecycleOf(lives)).toEqual(lifecycle);
});

test('a redrive that joins an earlier life leaves the state to that one', () => {
  const joined = { second: 11, behind: 'r1', redrivenAt };
  const delivered = event('delivered', { second: 3, evidence: 'gateway', claimEpoch: 1 });
  const ofDelivered = event('superseded', { ...joined, claimEpoch: 2 });
  expect(lifecycleOf([...first.slice(0, 2), delivered, again, ofDelivered])).toMatchObject({
    state: 'delivered',
    isFinal: false,
  });
  const last = event('dead', { second: 12, claimEpoch: 2, reason: 'again' });
  const [published, dispatched] = first.slice(0, 2);
  const dead = event('dead', { second: 2, claimEpoch: 1 });
  const waits = event('waiting', { ...joined, claimEpoch: 2 });
  const events = [published, dispatched, dead, again, waits].filter((one) => one !== undefined);
  // The end that an owner wrote before it crashed: the one after it says that the command waits.
  expect(lifecycleOf(events)).toMatchObject({ state: 'waiting', behind: 'r1' });
  expect(lifecycleOf([...events, last].toReversed())).toMatchObject({ state: 'dead', reason: 'again' });
});

test('a redrive that was sent is a life of its own, although it joined an earlier one before', () => {
  const waits = event('waiting', { second: 11, behind: 'r1', redrivenAt });
  const dispatched = event('dispatched', { second: 12, attempt: 1, redrivenAt });
  expect(lifecycleOf([...first, again, waits, dispatched]).state).toBe('dispatched');
  expect(lifecycleOf([again, waits]).state).toBe('waiting');
});
