import type { JsonValue } from '@preservarium/core';
import { expect, test } from 'vitest';
import { event, lifecycleOf } from '../test/events.js';
import { createLifecycleMemory, type LifecycleMemory } from './lifecycle-memory.js';

const megabyte = 'x'.repeat(1_000_000);
const ids = (count: number) => Array.from({ length: count }, (_, index) => `r${index}`);
const large = () => createLifecycleMemory({ maxFinished: 10_000, maxUnfinished: 10_000 });
const known = (memory: LifecycleMemory, requestIds: readonly string[]) =>
  requestIds.filter((requestId) => memory.get({ deviceId: 'd1', requestId }) !== undefined);

function ended(requestId: string, result: JsonValue) {
  return lifecycleOf([
    event('dispatched', { requestId, second: 1 }),
    event('succeeded', { requestId, second: 2, evidence: 'executed', result }),
  ]);
}

const underWay = (requestId: string, reason?: string) =>
  lifecycleOf([event('dispatched', { requestId, reason })]);

test.each<[string, () => JsonValue]>([
  ['texts', () => megabyte],
  ['small values, which take more than their text', () => Array.from({ length: 15_000 }, () => ({}))],
])('the oldest ended commands are forgotten beyond 64 MiB of %s', (_, makeResult) => {
  const memory = large();
  for (const requestId of ids(80)) memory.set(ended(requestId, makeResult()));
  const left = known(memory, ids(80));
  expect(left.length).toBeLessThan(70);
  expect(left.length).toBeGreaterThan(50);
  expect(left).toEqual(ids(80).slice(-left.length));
});

test('ended commands displace none in progress, which displace all ended ones first', () => {
  const memory = large();
  memory.set(underWay('first'));
  for (const requestId of ids(80)) memory.set(ended(requestId, megabyte));
  expect(known(memory, ['first'])).toEqual(['first']);
  const others = ids(60).map((id) => `other-${id}`);
  for (const requestId of others) memory.set(underWay(requestId, megabyte));
  expect(known(memory, ['first', ...others])).toEqual(['first', ...others]);
  expect(known(memory, ids(80)).length).toBeLessThan(10);
});

test('commands in progress are forgotten beyond 64 MiB too, the newest one never', () => {
  const memory = large();
  for (const requestId of ids(80)) memory.set(underWay(requestId, megabyte));
  expect(known(memory, ids(80)).length).toBeLessThan(70);
  memory.set(underWay('huge', megabyte.repeat(70)));
  expect(known(memory, [...ids(80), 'huge'])).toEqual(['huge']);
});

test('a command that is forgotten or changes its state no longer counts', () => {
  const memory = large();
  for (let round = 0; round < 100; round++) memory.set(underWay('r0', megabyte));
  for (let round = 0; round < 100; round++) memory.set(ended('r0', megabyte));
  const others = ids(60).slice(1);
  for (const requestId of others) memory.set(underWay(requestId, megabyte));
  expect(known(memory, ['r0', ...others])).toEqual(['r0', ...others]);
});

test('beyond a number, those that were used longest ago are forgotten', () => {
  const memory = createLifecycleMemory({ maxFinished: 2, maxUnfinished: 2 });
  for (const requestId of ['r0', 'r1']) memory.set(underWay(requestId));
  expect(known(memory, ['r0'])).toEqual(['r0']);
  memory.set(underWay('r2'));
  for (const requestId of ['r3', 'r4', 'r5']) memory.set(ended(requestId, null));
  expect(known(memory, ids(6))).toEqual(['r0', 'r2', 'r4', 'r5']);
});
