import type { KeptSignature } from './kept-signatures.js';
import type { TopicEvidence } from './topic-evidence.js';

/**
 * Which commands of a partition of the command topic have ended: all below `nextOffset` but the open ones. It grows with what is open, not
 * with what has ended above it, so that one slow command costs nothing.
 */
export interface Progress {
  /** How often the command topic was created anew: see `topic-generation.ts`. */
  readonly generation: number;
  /** The offset after the last record that was taken. */
  readonly nextOffset: number;
  /** Offsets below `nextOffset` that have not ended, in rising order. */
  readonly open: readonly number[];
  /** When the last record below `nextOffset` was written, in milliseconds since 1970: a later one at such an offset is of another topic. */
  readonly writtenAtMs: number;
  /** The last record below `nextOffset`; undefined where none was taken. */
  readonly last?: TopicEvidence | undefined;
  /** Open commands below this offset may have reached their devices. */
  readonly repeatsBelow: number;
  /** Deferred commands below this offset of the changelog may have reached their devices. */
  readonly deferredRepeatsBelow: number;
  /** Signatures that were accepted since the progress before. Default: none. */
  readonly signatures?: readonly KeptSignature[] | undefined;
}

export const noProgress: Progress = {
  generation: 0,
  nextOffset: 0,
  open: [],
  writtenAtMs: 0,
  repeatsBelow: 0,
  deferredRepeatsBelow: 0,
};

/** JSON, with each open offset as the difference from the one before; likewise the places and times of signatures. */
export function encodeProgress({ open, signatures, ...progress }: Progress): Buffer {
  let last = 0;
  const differences = open.map((offset) => {
    const difference = offset - last;
    last = offset;
    return difference;
  });
  return Buffer.from(
    JSON.stringify({ ...progress, open: differences, signatures: encodeSignatures(signatures) }),
  );
}

/** Returns undefined for what {@link encodeProgress} did not write. */
export function decodeProgress(value: Buffer | null): Progress | undefined {
  let content: unknown;
  try {
    content = JSON.parse(String(value));
  } catch {
    return undefined;
  }
  const fields = (content ?? {}) as Readonly<Record<string, unknown>>;
  const { generation, nextOffset, open, writtenAtMs, last, repeatsBelow, deferredRepeatsBelow } = fields;
  if (
    !isCount(generation) ||
    !isCount(nextOffset) ||
    !isCount(writtenAtMs) ||
    !isCount(repeatsBelow) ||
    !isCount(deferredRepeatsBelow) ||
    !isEvidence(last) ||
    !Array.isArray(open) ||
    !open.every(isCount)
  ) {
    return undefined;
  }
  const signatures = decodeSignatures(fields.signatures);
  if (signatures === undefined) return undefined;
  let lastOpen = 0;
  const offsets = open.map((difference) => {
    lastOpen += difference;
    return lastOpen;
  });
  return {
    generation,
    nextOffset,
    open: offsets,
    writtenAtMs,
    last,
    repeatsBelow,
    deferredRepeatsBelow,
    ...(signatures.length > 0 && { signatures }),
  };
}

function encodeSignatures(signatures: readonly KeptSignature[] = []): readonly unknown[] | undefined {
  if (signatures.length === 0) return undefined;
  let last = { offset: 0, issuedAtMs: 0 };
  return signatures.flatMap(({ offset, issuedAtMs, digest }) => {
    const difference = [offset - last.offset, issuedAtMs - last.issuedAtMs, digest];
    last = { offset, issuedAtMs };
    return difference;
  });
}

function decodeSignatures(content: unknown = []): readonly KeptSignature[] | undefined {
  if (!Array.isArray(content) || content.length % 3 !== 0) return undefined;
  const signatures: KeptSignature[] = [];
  let last = { offset: 0, issuedAtMs: 0 };
  for (let index = 0; index < content.length; index += 3) {
    const [offset, issuedAtMs, digest] = content.slice(index, index + 3);
    last = { offset: last.offset + offset, issuedAtMs: last.issuedAtMs + issuedAtMs };
    if (!isCount(last.offset) || !Number.isFinite(last.issuedAtMs) || typeof digest !== 'string')
      return undefined;
    signatures.push({ ...last, digest });
  }
  return signatures;
}

function isEvidence(value: unknown): value is TopicEvidence | undefined {
  if (value === undefined) return true;
  const { offset, timestampMs, hash } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return isCount(offset) && isCount(timestampMs) && isCount(hash);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
