import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRetryPolicy } from './retry-policy.js';

const busy = { kind: 'retryable', reason: '503', unreachable: false } as const;
const away = { kind: 'retryable', reason: 'no answer', unreachable: true } as const;

describe('a device that answers', () => {
  test('is tried again up to maxAttempts, then the command is given up with the last reason', () => {
    const retry = createRetryPolicy({ maxAttempts: 3 });
    expect(retry({ attempts: 2, waitedMs: undefined }, busy).kind).toBe('again');
    expect(retry({ attempts: 3, waitedMs: undefined }, busy)).toEqual({
      kind: 'give up',
      reason: '3 attempts failed, the last one: 503',
    });
    expect(retry({ attempts: 3, waitedMs: 10 }, busy).kind).toBe('give up');
  });

  test('that asks for a long pause has its commands set aside for it', () => {
    const retry = createRetryPolicy({});
    expect(retry({ attempts: 1, waitedMs: undefined }, { ...busy, afterMs: 60_000 })).toEqual({
      kind: 'set aside',
      afterMs: 60_000,
    });
    expect(retry({ attempts: 1, waitedMs: 5 }, { ...busy, afterMs: 60_000 }).kind).toBe('again');
  });
});

describe('a device that cannot be reached', () => {
  test('has its commands set aside after maxAttempts, and they wait for it', () => {
    const retry = createRetryPolicy({ maxAttempts: 2, maxWaitMs: 1_000 });
    expect(retry({ attempts: 1, waitedMs: undefined }, away).kind).toBe('again');
    expect(retry({ attempts: 2, waitedMs: undefined }, away).kind).toBe('set aside');
    expect(retry({ attempts: 99, waitedMs: 999 }, away).kind).toBe('again');
    expect(retry({ attempts: 99, waitedMs: 1_000 }, away)).toEqual({
      kind: 'give up',
      reason: 'waited for 1000 ms: no answer',
    });
  });
});

test('pauses double up to the limit, half of each is drawn', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempts, drawn) => {
        const retry = createRetryPolicy({ baseDelayMs: 100, maxDelayMs: 1_000, random: () => drawn });
        const decision = retry({ attempts, waitedMs: 0 }, away);
        const limitMs = attempts > 4 ? 1_000 : Math.min(1_000, 100 * 2 ** (attempts - 1));
        expect(decision.kind).toBe('again');
        if (decision.kind !== 'again') return;
        expect(decision.afterMs).toBeGreaterThanOrEqual(limitMs / 2);
        expect(decision.afterMs).toBeLessThanOrEqual(limitMs);
      },
    ),
  );
});
