import type { PublishReceipt } from '@preservarium/backend';

/**
 * Remembers requests by their idempotency keys, so that a request that is repeated has the effect of one. The comments state every
 * obligation, and the conformance suite of `@preservarium/conformance` checks it. Calls reject as those of a `CommandStore` do.
 */
export interface RequestKeys extends AsyncDisposable {
  /**
   * Claims a key for a request before it is carried out. Of several claims of a key at the same time, in whichever process, one gets it
   * `open` with a lease; the others get it `leased` until it is confirmed or released, or its lease has ended. All clocks are that of the
   * place where the keys are.
   *
   * @param leaseMs how long nobody else carries out the request, unless it is renewed
   */
  claim(claim: RequestClaim, leaseMs: number): Promise<ClaimedRequest>;

  /** Makes the lease of a request that is still carried out end `leaseMs` from now. */
  renew(claim: RequestClaim, leaseMs: number): Promise<void>;

  /** Ends the lease of a request whose effect is not known: the next claim of it carries it out again, with the same request id. */
  endLease(claim: RequestClaim): Promise<void>;

  /**
   * Keeps the receipt of a claimed request, and returns the one that is kept: the first one stays. A request that is carried out twice at
   * the same time so has one answer.
   */
  confirm(claim: RequestClaim, receipt: PublishReceipt): Promise<PublishReceipt>;

  /** Gives up a claim whose request had no effect: the key is free again. A confirmed one stays. */
  release(claim: RequestClaim): Promise<void>;

  /**
   * Forgets keys that were claimed before this time.
   *
   * @returns how many were forgotten
   */
  prune(before: Date): Promise<number>;

  /** Waits for the calls in flight. */
  close(): Promise<void>;
}

/** A key is that of a caller and a device: others may use the same one. */
export interface RequestClaim {
  /** Identifies the caller. */
  readonly scope: string;
  readonly deviceId: string;
  readonly key: string;
  /** Identifies the content of the request. */
  readonly fingerprint: string;
}

export type ClaimedRequest =
  /** Nobody has confirmed it, and nobody else carries it out: do so, with this request id. It may have been carried out before. */
  | { readonly kind: 'open'; readonly requestId: string }
  | { readonly kind: 'confirmed'; readonly requestId: string; readonly receipt: PublishReceipt }
  /** Somebody else carries it out now: claim it again. */
  | { readonly kind: 'leased' }
  /** The key belongs to a request with another fingerprint. */
  | { readonly kind: 'other' };
