import { expect, test } from 'vitest';
import { createWriteBudget } from './write-budget.js';

function createClock() {
  let now = 0;
  return { nowMs: () => now, advance: (ms: number) => (now += ms) };
}

test('a device writes its burst at once, then so many bytes a second, and others are not concerned', () => {
  const { nowMs, advance } = createClock();
  const budget = createWriteBudget({ bytesPerSecond: 100, burstBytes: 1_000, nowMs });
  budget.spend('d1', 400);
  expect(budget.waitMs('d1')).toBe(0);
  budget.spend('d1', 700);
  expect(budget.waitMs('d1')).toBe(1_001);
  expect(budget.waitMs('d2')).toBe(0);
  advance(500);
  expect(budget.waitMs('d1')).toBe(501);
  advance(501);
  expect(budget.waitMs('d1')).toBe(0);
});

test('of any writes over an hour, no more are let through than the rate and one burst', () => {
  const { nowMs, advance } = createClock();
  const [bytesPerSecond, burstBytes, writeBytes] = [100, 1_000, 300];
  const budget = createWriteBudget({ bytesPerSecond, burstBytes, nowMs });
  let written = 0;
  for (let second = 0; second < 3_600; second++) {
    for (let tries = 0; tries < 5; tries++) {
      if (budget.waitMs('d1') > 0) continue;
      budget.spend('d1', writeBytes);
      written += writeBytes;
    }
    // Now and then the device is quiet for so long that its bucket is forgotten.
    advance(second % 600 === 0 ? 60_000 : 1_000);
  }
  expect(written).toBeLessThanOrEqual((nowMs() / 1_000) * bytesPerSecond + burstBytes + writeBytes);
  expect(written).toBeGreaterThan(3_000 * bytesPerSecond);
});
