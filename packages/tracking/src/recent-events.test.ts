import { expect, test } from 'vitest';
import { event } from '../test/events.js';
import { createRecentEvents } from './recent-events.js';

const record = (offset: number, bytes: number) => ({
  ...{ partition: 0, offset, timestampMs: 0, bytes },
  event: event('dispatched'),
});

test('large events are forgotten before there are many of them, and what is left has no gap', () => {
  const recent = createRecentEvents(10_000);
  recent.begin(0, 0, true);
  for (let offset = 0; offset < 100; offset++) recent.add(record(offset, 1_000_000));
  const kept = recent.from(new Map());
  expect(kept.length).toBeGreaterThan(5);
  expect(kept.length).toBeLessThan(20);
  const first = 100 - kept.length;
  expect(recent.has(new Map([[0, first - 1]]))).toBe(false);
  expect(recent.has(new Map([[0, first]]))).toBe(true);
});

test('an event of any size is kept while it is the newest', () => {
  const recent = createRecentEvents(10_000);
  recent.begin(0, 0, true);
  recent.add(record(0, 100_000_000));
  expect(recent.from(new Map())).toHaveLength(1);
});
