import type { DeliveryResult } from '@preservarium/deliverer';
import type { Attempts } from '../attempts.js';

export interface RetryOptions {
  /**
   * Attempts that the device side answers with a failure before the command becomes a dead letter. Where nothing answers, the command is
   * deferred after as many attempts. Default 5.
   */
  readonly maxAttempts?: number;
  /** Longest backoff before the second attempt, in milliseconds; it doubles with each further one. Default 200. */
  readonly baseDelayMs?: number;
  /** Longest backoff between two attempts, in milliseconds. Default 300,000. */
  readonly maxDelayMs?: number;
  /** How long a command may wait for its device, in milliseconds. Default 7 days. */
  readonly maxWaitMs?: number;
  /** From 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number;
}

interface AttemptedCommand {
  readonly attempts: Pick<Attempts, 'started' | 'answered'>;
  readonly isWaiting: boolean;
}

type RetryDecision =
  | { readonly kind: 'retry'; readonly afterMs: number }
  /** Moves to the changelog, and is attempted again after the backoff. */
  | { readonly kind: 'defer'; readonly afterMs: number }
  | { readonly kind: 'give up'; readonly reason: string };

export type RetryPolicy = (
  attempted: AttemptedCommand,
  result: Extract<DeliveryResult, { kind: 'retryable' }>,
) => RetryDecision;

export const defaultMaxWaitMs = 7 * 24 * 3600_000;

/** A backoff longer than this is spent in the changelog rather than before the partition's next commands. */
const maxHoldMs = 5_000;
/** The longest backoff that a device side may ask for: a wrong number must not hold a command for years. */
const maxAskedMs = 24 * 3600_000;

/**
 * Exponential backoff with equal jitter: half of it is drawn. Where the device side answers, the command itself is given up after
 * `maxAttempts` answers; where nothing does, it waits for the device, up to `maxWaitMs`.
 */
export function createRetryPolicy(options: RetryOptions): RetryPolicy {
  const { maxAttempts = 5, baseDelayMs = 200, maxDelayMs = 300_000, random = Math.random } = options;

  return ({ attempts, isWaiting }, result) => {
    if (!result.unreachable && attempts.answered >= maxAttempts) {
      return {
        kind: 'give up',
        reason: `${attempts.answered} attempts failed, the last one: ${result.reason}`,
      };
    }
    const limitMs = Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(attempts.started - 1, 30));
    const askedMs = Math.min(result.afterMs ?? 0, maxAskedMs);
    const afterMs = Math.max(askedMs, limitMs * (0.5 + random() / 2));
    const isDeferred = !isWaiting && (attempts.started >= maxAttempts || afterMs > maxHoldMs);
    return { kind: isDeferred ? 'defer' : 'retry', afterMs };
  };
}
