/**
 * How long a confirmation holds, in milliseconds. The coordinator gives a partition away only after it has heard nothing from its owner for a session of
 * at least 10 s, and the owner sends a heartbeat every 3 s. So for 7 s after the owner has read a record of its own, no other connector delivers.
 */
export const leaseMs = 5_000;

/**
 * Tells a process that was frozen, or is cut off from Kafka, that another connector may own the partition: an owner writes a number to the changelog
 * and reads it there before the claim of another one.
 */
export interface OwnershipLease {
  /** Returns the number to write with the next record; undefined while one is written and not read. */
  ask(): string | undefined;
  /** The owner has read this number. */
  confirm(id: string): void;
  isValid(): boolean;
}

interface Instant {
  readonly monotonicMs: number;
  /** A machine that sleeps stops the monotonic clock of its processes. */
  readonly wallMs: number;
}

/** @param now the two clocks */
export function createOwnershipLease(now: () => Instant): OwnershipLease {
  let asked: (Instant & { readonly id: string }) | undefined;
  let confirmed: Instant | undefined;
  let count = 0;

  return {
    ask() {
      if (asked !== undefined) return undefined;
      asked = { ...now(), id: String(count++) };
      return asked.id;
    },
    confirm(id) {
      if (asked?.id !== id) return;
      confirmed = asked;
      asked = undefined;
    },
    isValid() {
      if (confirmed === undefined) return false;
      const { monotonicMs, wallMs } = now();
      return monotonicMs - confirmed.monotonicMs < leaseMs && wallMs - confirmed.wallMs < leaseMs;
    },
  };
}
