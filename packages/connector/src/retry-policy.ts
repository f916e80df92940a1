import type { DeliveryResult } from '@preservarium/deliverer';

export interface RetryOptions {
  /** Attempts before a command is given up, or set aside when its device cannot be reached. Default 5. */
  readonly maxAttempts?: number;
  /** Longest pause before the second attempt, in milliseconds; it doubles with each further one. Default 200. */
  readonly baseDelayMs?: number;
  /** Longest pause between two attempts, in milliseconds. Default 300,000. */
  readonly maxDelayMs?: number;
  /** How long a command may wait for its device, in milliseconds. Default 7 days. */
  readonly maxWaitMs?: number;
  /** From 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number;
}

interface AttemptedCommand {
  readonly attempts: number;
  /** For how long it has been in the waiting topic, in milliseconds; `undefined` when it is not. */
  readonly waitedMs: number | undefined;
}

type RetryDecision =
  | { readonly kind: 'again'; readonly afterMs: number }
  /** To the waiting topic, and again after the pause. */
  | { readonly kind: 'set aside'; readonly afterMs: number }
  | { readonly kind: 'give up'; readonly reason: string };

export type RetryPolicy = (
  attempted: AttemptedCommand,
  result: Extract<DeliveryResult, { kind: 'retryable' }>,
) => RetryDecision;

export const defaultMaxWaitMs = 7 * 24 * 3600_000;

/** A pause longer than this is spent in the waiting topic rather than before the partition's next commands. */
const maxHoldMs = 5_000;

/**
 * Exponential backoff with equal jitter: half of the pause is drawn. Where the device answered, the command itself is given up
 * after `maxAttempts`; where nothing did, it waits for the device, up to `maxWaitMs`.
 */
export function createRetryPolicy(settings: RetryOptions): RetryPolicy {
  const {
    maxAttempts = 5,
    baseDelayMs = 200,
    maxDelayMs = 300_000,
    maxWaitMs = defaultMaxWaitMs,
    random = Math.random,
  } = settings;

  return ({ attempts, waitedMs }, result) => {
    if (!result.unreachable && attempts >= maxAttempts) {
      return { kind: 'give up', reason: `${attempts} attempts failed, the last one: ${result.reason}` };
    }
    if (waitedMs !== undefined && waitedMs >= maxWaitMs) {
      return { kind: 'give up', reason: `waited for ${maxWaitMs} ms: ${result.reason}` };
    }
    const limitMs = Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(attempts - 1, 30));
    const afterMs = Math.max(result.afterMs ?? 0, limitMs * (0.5 + random() / 2));
    const setAside = waitedMs === undefined && (attempts >= maxAttempts || afterMs > maxHoldMs);
    return { kind: setAside ? 'set aside' : 'again', afterMs };
  };
}
