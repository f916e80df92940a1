/** A claim of a partition: who writes its changelog from then on. */
interface Claim {
  readonly claimId: string;
  /** One more than that of the claim it replaces. */
  readonly epoch: number;
}

/**
 * Follows the claims of one partition in the order of its log. A claim is valid if its epoch is higher than that of the newest valid one: of two
 * connectors that replace the same claim, the first in the log wins, and a connector that was frozen meanwhile comes too late. Records under any other
 * claim than the newest valid one count for no reader, now or after a restart.
 */
export interface Claims {
  /** Takes note of a claim; returns whether it is valid. */
  read(claim: Claim): boolean;
  /** Returns true if a record under this claim counts, at this place of the log. */
  isCurrent(claimId: string): boolean;
  /** The epoch that a new claim must have. */
  nextEpoch(): number;
}

export function createClaims(): Claims {
  let current: Claim = { claimId: '', epoch: 0 };
  return {
    read(claim) {
      if (claim.epoch <= current.epoch) return false;
      current = claim;
      return true;
    },
    isCurrent: (claimId) => claimId === current.claimId,
    nextEpoch: () => current.epoch + 1,
  };
}
