import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRetryPolicy } from './retry-policy.js';

const busy = { kind: 'retryable', reason: '503', unreachable: false } as const;
const away = { kind: 'retryable', reason: 'no answer', unreachable: true } as const;

function attempted(started: number, answered: number, isWaiting = false) {
  return { attempts: { started, answered }, isWaiting };
}

describe('a device side that answers', () => {
  test('is tried up to maxAttempts answers, then the command is given up with the last reason', () => {
    const retry = createRetryPolicy({ maxAttempts: 3 });
    expect(retry(attempted(2, 2), busy).kind).toBe('retry');
    expect(retry(attempted(3, 3), busy)).toEqual({
      kind: 'give up',
      reason: '3 attempts failed, the last one: 503',
    });
    expect(retry(attempted(3, 3, true), busy).kind).toBe('give up');
  });

  test('is tried as often after attempts that nothing answered', () => {
    const retry = createRetryPolicy({ maxAttempts: 3 });
    expect(retry(attempted(9, 1, true), busy).kind).toBe('retry');
    expect(retry(attempted(10, 2, true), busy).kind).toBe('retry');
    expect(retry(attempted(11, 3, true), busy).kind).toBe('give up');
  });

  test('has its commands deferred where it asks for a long backoff', () => {
    const retry = createRetryPolicy({});
    const slow = { ...busy, afterMs: 60_000 };
    expect(retry(attempted(1, 1), slow)).toEqual({ kind: 'defer', afterMs: 60_000 });
    expect(retry(attempted(1, 1, true), slow).kind).toBe('retry');
  });

  test('holds no command for more than a day at a time, whatever it asks for', () => {
    const retry = createRetryPolicy({});
    expect(retry(attempted(1, 1), { ...busy, afterMs: 2 ** 32 * 1_000 })).toEqual({
      kind: 'defer',
      afterMs: 24 * 3600_000,
    });
  });
});

test('where nothing answers, commands are deferred after maxAttempts, and never given up', () => {
  const retry = createRetryPolicy({ maxAttempts: 2 });
  expect(retry(attempted(1, 0), away).kind).toBe('retry');
  expect(retry(attempted(2, 0), away).kind).toBe('defer');
  expect(retry(attempted(99, 1, true), away).kind).toBe('retry');
});

test('backoffs double up to the limit, half of each is drawn', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (started, drawn) => {
        const retry = createRetryPolicy({ baseDelayMs: 100, maxDelayMs: 1_000, random: () => drawn });
        const decision = retry(attempted(started, 0, true), away);
        const limitMs = started > 4 ? 1_000 : Math.min(1_000, 100 * 2 ** (started - 1));
        expect(decision.kind).toBe('retry');
        if (decision.kind !== 'retry') return;
        expect(decision.afterMs).toBeGreaterThanOrEqual(limitMs / 2);
        expect(decision.afterMs).toBeLessThanOrEqual(limitMs);
      },
    ),
  );
});
