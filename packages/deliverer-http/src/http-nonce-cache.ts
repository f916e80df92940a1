const defaultMaxNonces = 100_000;

/** Remembers nonces until requests with them are too old anyway. */
export interface NonceCache {
  /**
   * Takes a nonce once: `new` for the first time, `seen` after that. `full`: the limit is reached, and the nonce is not kept.
   *
   * @param expiresAtMs milliseconds since 1970
   */
  take(nonce: string, expiresAtMs: number): 'new' | 'seen' | 'full';
}

/** @param options.maxNonces beyond it, new ones are refused until some expire. Default 100,000, about 30 MB. */
export function createNonceCache({
  maxNonces = defaultMaxNonces,
}: {
  readonly maxNonces?: number;
} = {}): NonceCache {
  const expiries = new Map<string, number>();

  /** In the order of arrival: an early one may hold back a later one for as long as the tolerance. */
  function dropExpired(nowMs: number): void {
    for (const [nonce, expiresAtMs] of expiries) {
      if (expiresAtMs >= nowMs) return;
      expiries.delete(nonce);
    }
  }

  return {
    take(nonce, expiresAtMs) {
      dropExpired(Date.now());
      if (expiries.has(nonce)) return 'seen';
      if (expiries.size >= maxNonces) return 'full';
      expiries.set(nonce, expiresAtMs);
      return 'new';
    },
  };
}
