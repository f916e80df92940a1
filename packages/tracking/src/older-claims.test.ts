import { expect, test } from 'vitest';
import { event, lifecycleOf } from '../test/events.js';

const older = { claimEpoch: 5 };
const newer = { claimEpoch: 6 };
const published = event('published', { evidence: 'broker' });
const sent = event('dispatched', { second: 1, attempt: 1, ...older });
const sentAgain = event('dispatched', { second: 3, attempt: 1, mayBeRepeat: true, ...newer });

test('a late end by a connector that no longer owns the partition ends nothing', () => {
  const dead = event('dead', { second: 9, ...older });
  expect(lifecycleOf([published, sent, sentAgain, dead])).toMatchObject({
    state: 'dispatched',
    isFinal: false,
  });
  const delivered = event('delivered', { second: 10, evidence: 'gateway', ...newer });
  expect(lifecycleOf([published, sent, sentAgain, dead, delivered]).state).toBe('delivered');
});

test('a late delivery to a gateway by the owner before hides nothing of what the owner says', () => {
  const waiting = event('waiting', { second: 4, reason: 'unreachable', ...newer });
  const late = event('delivered', { second: 9, evidence: 'gateway', ...older });
  expect(lifecycleOf([published, sent, waiting, late])).toMatchObject({
    state: 'waiting',
    reason: 'unreachable',
  });
});

test('of events of one state, that of the newest claim counts', () => {
  const dead = event('dead', { second: 2, reason: 'older', ...older });
  const deadAgain = event('dead', { second: 7, reason: 'newer', ...newer });
  expect(lifecycleOf([published, sent, dead, sentAgain, deadAgain])).toMatchObject({ reason: 'newer' });
  const attempt = event('dispatched', { second: 99, attempt: 7, ...older });
  expect(lifecycleOf([published, sentAgain, attempt]).timestamp).toEqual(sentAgain.timestamp);
});

test('an owner that never spoke of a command takes nothing back', () => {
  const dead = event('dead', { second: 2, ...older });
  expect(lifecycleOf([published, sent, dead]).state).toBe('dead');
});

test('an answer of the device counts under an older claim, too', () => {
  const succeeded = event('succeeded', { second: 2, evidence: 'executed', ...older });
  expect(lifecycleOf([published, sent, succeeded, sentAgain]).state).toBe('succeeded');
  const report = event('succeeded', { second: 2, evidence: 'executed' });
  const waiting = event('waiting', { second: 5, ...newer });
  expect(lifecycleOf([published, sent, waiting, report]).state).toBe('succeeded');
});

test('the word of a device is kept beside that of a connector about the same state', () => {
  const refused = event('rejected', { second: 2, reason: 'older', ...older });
  const reported = event('rejected', { second: 3, reason: 'device', evidence: 'executed' });
  const lifecycle = lifecycleOf([published, sent, refused, reported, sentAgain]);
  expect(lifecycle).toMatchObject({ state: 'rejected', reason: 'device' });
});

test('a redrive begins anew, whatever claim its events carry', () => {
  const redrivenAt = new Date(20_000);
  const dead = event('dead', { second: 2, claimEpoch: 900 });
  const again = event('dispatched', { second: 21, redrivenAt, ...older });
  expect(lifecycleOf([published, sent, dead, again]).state).toBe('dispatched');
});
