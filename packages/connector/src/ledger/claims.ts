/** A claim of a partition: who writes its changelog from then on. */
export interface Claim {
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
  /** The newest valid claim: a record counts if it is under this one. */
  current(): Claim;
}

export const noClaim: Claim = { claimId: '', epoch: 0 };

/** @param newest the newest valid claim so far */
export function createClaims(newest: Claim): Claims {
  let current = newest;
  return {
    read(claim) {
      if (claim.epoch <= current.epoch) return false;
      current = { claimId: claim.claimId, epoch: claim.epoch };
      return true;
    },
    current: () => current,
  };
}
