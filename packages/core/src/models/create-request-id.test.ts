import { expect, test } from 'vitest';
import { createRequestId } from './create-request-id.js';

test('is a UUID version 7 of the current time', () => {
  const before = Date.now();
  const id = createRequestId();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const timeMs = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
  expect(timeMs).toBeGreaterThanOrEqual(before);
  expect(timeMs).toBeLessThanOrEqual(Date.now());
});

test('no two are the same', () => {
  expect(new Set(Array.from({ length: 10_000 }, createRequestId)).size).toBe(10_000);
});

test('ids sort in the order of their creation', () => {
  const ids = Array.from({ length: 10_000 }, createRequestId);
  expect(ids.toSorted()).toEqual(ids);
});
