import type { OwnershipLease } from './ownership-lease.js';

/** Renews the lease of an owner when an attempt needs it. */
export interface LeaseKeeper extends Pick<OwnershipLease, 'ask' | 'isValid'> {
  /** The owner has read this number in the changelog. */
  read(id: string): void;
  /** Resolves once the lease is valid. */
  untilValid(): Promise<void>;
}

/** @param write writes the next number to the changelog */
export function createLeaseKeeper(lease: OwnershipLease, write: () => void): LeaseKeeper {
  let leased: PromiseWithResolvers<void> | undefined;

  return {
    ask: lease.ask,
    isValid: lease.isValid,
    read(id) {
      lease.confirm(id);
      if (leased === undefined) return;
      if (lease.isValid()) {
        leased.resolve();
        leased = undefined;
      } else write();
    },
    untilValid() {
      if (leased === undefined) {
        leased = Promise.withResolvers();
        write();
      }
      return leased.promise;
    },
  };
}
