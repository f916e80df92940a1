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
  let state: 'reading' | 'owned' | 'ending' | 'gone' = 'reading';
  const waiters = new Set<() => void>();
  const isEnding = () => state === 'ending' || state === 'gone';

  return {
    get isReading() {
      return state === 'reading';
    },
    get isOwned() {
      return state === 'owned';
    },
    get isEnding() {
      return isEnding();
    },
    get isGone() {
      return state === 'gone';
    },
    own() {
      state = 'owned';
    },
    end() {
      if (state !== 'gone') state = 'ending';
      for (const stop of waiters) stop();
    },
    leave() {
      state = 'gone';
    },
    unlessEnding(promise) {
      if (isEnding()) return Promise.resolve();
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
}
