const maxRestarts = 5;
const withinMs = 5 * 60_000;
export const firstPauseMs = 500;

/** Allows 5 restarts within 5 minutes. */
export interface RestartBudget {
  /** Returns the pause before the next restart in milliseconds: 500, then twice as long each time; `undefined` if none is left. */
  nextPauseMs(): number | undefined;
}

/** Returns a budget of which nothing is used. */
export function createRestartBudget(): RestartBudget {
  let restartsAtMs: readonly number[] = [];
  return {
    nextPauseMs() {
      const now = Date.now();
      restartsAtMs = restartsAtMs.filter((atMs) => now - atMs < withinMs);
      if (restartsAtMs.length === maxRestarts) return undefined;
      restartsAtMs = [...restartsAtMs, now];
      return firstPauseMs * 2 ** (restartsAtMs.length - 1);
    },
  };
}
