import type { JsonObject } from '@preservarium/core';
import type { PublishRecord } from './publisher-backend.js';
import type { ConsumedRecord } from './subscriber-backend.js';

/** The request that a signed record makes. */
export type SignedKind = 'command' | 'cancel' | 'redrive' | 'settings';

export interface SigningTerms {
  readonly kind: SignedKind;
  /** The request id. */
  readonly id: string;
  /** The signature is good until then at least. One of settings has no end. */
  readonly expiresAt?: Date | undefined;
}

/** Returns the record with a signature in a header. `createRecordSigner` of `@preservarium/signing` makes one. */
export type RecordSigner = (record: PublishRecord, terms: SigningTerms) => PublishRecord;

/**
 * - `unsigned`: there is no signature, or it cannot be read.
 * - `wrong-key`: the key is unknown or denied, or the signature is not one of these bytes by that key.
 * - `replayed`: the signature is genuine, and of another place, another time or other headers.
 * - `not-allowed`: the signature is genuine, and the policy does not allow its key to ask for this.
 */
export const refusalReasons = ['unsigned', 'wrong-key', 'replayed', 'not-allowed'] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** Records by what their signatures said. */
export interface SignatureCounts extends Readonly<Record<RefusalReason, number>> {
  readonly verified: number;
}

export interface SignatureCounter {
  /** Counts a verified record, or a refused one. */
  count(refusal: Refusal | undefined): void;
  counts(): SignatureCounts;
}

/** Returns a counter that begins with 0 of each. */
export function createSignatureCounter(): SignatureCounter {
  const counts = { verified: 0, unsigned: 0, 'wrong-key': 0, replayed: 0, 'not-allowed': 0 };
  return {
    count(refusal) {
      counts[refusal?.reason ?? 'verified']++;
    },
    counts: () => ({ ...counts }),
  };
}

export interface Refusal {
  readonly reason: RefusalReason;
  /** The problem, in a sentence. */
  readonly message: string;
}

/** The content of a record, decoded from its value. A redriven command is recognised by its headers. */
export interface SignedContent {
  readonly kind: Exclude<SignedKind, 'redrive'>;
  readonly deviceId: string;
  readonly requestId: string;
  readonly commandType?: string | undefined;
  readonly payload?: JsonObject | undefined;
  /** The names of all settings of the document, for settings. */
  readonly settings?: readonly string[] | undefined;
}

/** A signature that fits its record. */
export interface GenuineSignature {
  readonly issuer: string;
  readonly keyId: string;
  /** In milliseconds since 1970. */
  readonly issuedAtMs: number;
  /** In milliseconds since 1970; infinite for settings. */
  readonly expiresAtMs: number;
  /** Is the same for no other signature. */
  readonly digest: string;
}

export type Verification =
  | { readonly ok: true; readonly signature: GenuineSignature }
  | { readonly ok: false; readonly refusal: Refusal };

/** Says whether a record has the signature that its content needs. `createRecordVerifier` of `@preservarium/signing` makes one. */
export interface RecordVerifier {
  /** Never throws. @param options.graceMs how long after its expiry a signature is still good. Default 0. */
  verify(
    record: Pick<ConsumedRecord, 'topic' | 'key' | 'value' | 'headers'>,
    content: SignedContent,
    options?: { readonly graceMs?: number },
  ): Verification;
  /**
   * Returns a text that is another one as soon as the keys or the policy are, and the same one in every process with the same ones. Undefined where the verdict
   * depends on more. Where it is missing, nobody may keep a verdict for longer than the process lives.
   */
  identity?(): string | undefined;
}
