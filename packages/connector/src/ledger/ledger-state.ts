/** How far the life of a ledger is: the changelog is read, the partition is owned, no new attempt starts, another connector may own it. */
export interface LedgerState {
  readonly isReading: boolean;
  readonly isOwned: boolean;
  /** True at the end of its life, and when it is gone. */
  readonly isEnding: boolean;
  readonly isGone: boolean;
  own(): void;
  end(): void;
  leave(): void;
  /** Waits for the promise, or until the ledger ends. */
  unlessEnding(promise: Promise<unknown>): Promise<void>;
}

export function createLedgerState(): LedgerState {
  const waiters = new Set<() => void>();

  function enter(next: Partial<Record<'isReading' | 'isOwned' | 'isEnding' | 'isGone', boolean>>): void {
    Object.assign(state, { isReading: false, isOwned: false, ...next });
  }

  // Values, not getters: each command asks for them several times.
  const state = {
    isReading: true,
    isOwned: false,
    isEnding: false,
    isGone: false,
    own: () => enter({ isOwned: true }),
    end() {
      enter({ isEnding: true });
      for (const stop of waiters) stop();
    },
    leave: () => enter({ isEnding: true, isGone: true }),
    unlessEnding(promise: Promise<unknown>): Promise<void> {
      if (state.isEnding) return Promise.resolve();
      return new Promise((resolve) => {
        const stop = () => {
          waiters.delete(stop);
          resolve();
        };
        waiters.add(stop);
        void promise.then(stop);
      });
    },
  };
  return state;
}
