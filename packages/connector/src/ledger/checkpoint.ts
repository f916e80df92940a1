import type { Cancellation } from './cancellations.js';
import type { Claim } from './claims.js';
import type { SignatureSpan } from './kept-signatures.js';
import { decodeProgress, encodeProgress, type Progress } from './progress.js';

/** The knowledge of a ledger at a place of the changelog, beside the waiting commands: enough to go on reading from there. */
export interface Checkpoint {
  /** The last record that was read; another one at its offset is evidence that the topic was created anew. */
  readonly last: { readonly offset: number; readonly timestampMs: number };
  readonly claim: Claim;
  /** Where the claims are that are not below the base. */
  readonly claimOffsets: readonly number[];
  readonly progress: { readonly offset: number; readonly content: Progress } | undefined;
  readonly wasHandedOver: boolean | undefined;
  readonly cancellations: readonly Cancellation[];
  readonly signatures: readonly SignatureSpan[];
}

export function encodeCheckpoint({ progress, ...checkpoint }: Checkpoint): string {
  return JSON.stringify({
    ...checkpoint,
    ...(progress && { progress: { ...progress, content: encodeProgress(progress.content).toString() } }),
  });
}

/** Reads what {@link encodeCheckpoint} wrote. */
export function decodeCheckpoint(text: string): Checkpoint {
  const { progress, ...checkpoint } = JSON.parse(text);
  checkpoint.signatures ??= [];
  const content = progress && decodeProgress(Buffer.from(progress.content));
  return { ...checkpoint, progress: content && { ...progress, content } };
}
