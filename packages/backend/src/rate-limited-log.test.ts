import { expect, test } from 'vitest';
import { createRateLimitedLog } from './rate-limited-log.js';

test('a message is logged at once, then once a minute with how often it occurred; texts are cut', () => {
  let now = 0;
  const logged: unknown[] = [];
  const log = createRateLimitedLog({ warn: (...entry) => logged.push(entry) }, { nowMs: () => now });
  for (let second = 0; second <= 120; second++) {
    now = second * 1_000;
    log.warn('often', { second });
  }
  log.warn('once', { text: 'x'.repeat(1_000_000) });
  expect(logged).toEqual([
    [{ second: 0, count: 1 }, 'often'],
    [{ second: 60, count: 60 }, 'often'],
    [{ second: 120, count: 60 }, 'often'],
    [{ text: `${'x'.repeat(199)}…`, count: 1 }, 'once'],
  ]);
});
