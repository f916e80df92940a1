/**
 * The records of the changelog that the next owner must read. The base never passes one, nor the claim under which it was written: a reader that starts at
 * the base could not tell if it counts.
 */
export interface ChangelogPins {
  /** A valid claim; the newest one stays. */
  addClaim(offset: number): void;
  /** A record that counts, under the newest claim. */
  add(offset: number): void;
  remove(offset: number | undefined): void;
}

interface PinnedClaim {
  readonly offset: number;
  /** How many pinned records were written under it. */
  records: number;
}

/** @param release called with each offset that the next owner need not read */
export function createChangelogPins(release: (offset: number) => void): ChangelogPins {
  const claimOf = new Map<number, PinnedClaim>();
  let newest: PinnedClaim | undefined;

  function releaseIfDone(claim: PinnedClaim | undefined): void {
    if (claim !== undefined && claim !== newest && claim.records === 0) release(claim.offset);
  }

  return {
    addClaim(offset) {
      const replaced = newest;
      newest = { offset, records: 0 };
      releaseIfDone(replaced);
    },
    add(offset) {
      if (newest === undefined) return;
      newest.records++;
      claimOf.set(offset, newest);
    },
    remove(offset) {
      const claim = offset === undefined ? undefined : claimOf.get(offset);
      if (offset === undefined || claim === undefined) return;
      claimOf.delete(offset);
      claim.records--;
      release(offset);
      releaseIfDone(claim);
    },
  };
}
