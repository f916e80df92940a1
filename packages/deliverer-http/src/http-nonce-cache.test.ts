import { expect, test, vi } from 'vitest';
import { createNonceCache } from './index.js';

test('a nonce is new once, until it has expired', () => {
  vi.useFakeTimers({ now: 1_000 });
  const cache = createNonceCache();
  expect([cache.take('a', 2_000), cache.take('a', 2_000), cache.take('b', 2_000)]).toEqual([
    'new',
    'seen',
    'new',
  ]);
  vi.setSystemTime(2_001);
  expect(cache.take('a', 4_000)).toBe('new');
  vi.useRealTimers();
});

test('at the limit new nonces are refused and known ones stay known, until some expire', () => {
  vi.useFakeTimers({ now: 1_000 });
  const cache = createNonceCache({ maxNonces: 2 });
  const takes = ['a', 'b', 'c', 'a'].map((nonce) => cache.take(nonce, 2_000));
  expect(takes).toEqual(['new', 'new', 'full', 'seen']);
  vi.setSystemTime(2_001);
  expect(cache.take('c', 4_000)).toBe('new');
  vi.useRealTimers();
});
