/** A claim of a partition: who writes its changelog from then on. */
export interface Claim {
  readonly claimId: string;
  /**
   * Higher than that of the claim it replaces, and not below the time in milliseconds since 1970: so an owner has a higher one than every owner before it, also
   * after the topic was deleted and created again. Events carry it.
   */
  readonly epoch: number;
  /** The epoch of the claim it replaces; 0 for none. */
  readonly replaces: number;
}

/**
 * Follows the claims of one partition in the order of its log. A claim is valid if its owner had read the newest valid one: of two connectors that replace
 * the same claim, the first in the log wins, and a connector that was frozen meanwhile comes too late. Records under any other claim than the newest valid
 * one count for no reader, now or after a restart.
 */
export interface Claims {
  /** Takes note of a claim; returns whether it is valid. */
  read(claim: Claim): boolean;
  /** The newest valid claim: a record counts if it is under this one. */
  current(): Claim;
}

export const noClaim: Claim = { claimId: '', epoch: 0, replaces: 0 };

/** Returns the claim that replaces another one. @param nowMs milliseconds since 1970 */
export function nextClaim(claimId: string, { epoch }: Claim, nowMs: number): Claim {
  return { claimId, epoch: Math.max(epoch + 1, Math.floor(nowMs)), replaces: epoch };
}

/** @param newest the newest valid claim so far */
export function createClaims(newest: Claim): Claims {
  let current = newest;
  return {
    read(claim) {
      if (claim.replaces < current.epoch) return false;
      const { claimId, epoch, replaces } = claim;
      current = { claimId, epoch, replaces };
      return true;
    },
    current: () => current,
  };
}
