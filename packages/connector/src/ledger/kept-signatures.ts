/** A signature of a command that an owner accepted: the next owners refuse it at any other place. */
export interface KeptSignature {
  /** The place of the record: see `topic-generation.ts`. */
  readonly offset: number;
  readonly digest: string;
  /** In milliseconds since 1970. */
  readonly issuedAtMs: number;
}

/** Some records of the changelog that follow one another. */
export interface SignatureSpan {
  /** The offset of the first of them in the changelog. */
  readonly offset: number;
  /** The newest signature of the first of them was made then, in milliseconds since 1970. */
  readonly firstMs: number;
  /** The newest of their signatures was made then, in milliseconds since 1970. */
  readonly newestMs: number;
  /** The last place of their signatures in the command topic. */
  readonly lastPlace: number;
}

/** Knows which records of the changelog have signatures that the next owner needs. */
export interface KeptSignatures {
  resume(spans: readonly SignatureSpan[]): void;
  add(offset: number, signatures: readonly KeptSignature[]): void;
  /** Commands below this place are not read again. */
  processed(nextPlace: number): void;
  /** The lowest offset of a record that the next owner needs; undefined where there is none. */
  firstPin(): number | undefined;
  spans(): readonly SignatureSpan[];
}

/** The time for which signatures are needed has so many spans at most. */
const spansInWindow = 16;

/** @param windowMs how long a signature is needed after a newer one; undefined: none is needed */
export function createKeptSignatures(windowMs: number | undefined): KeptSignatures {
  let spans: SignatureSpan[] = [];
  let newestMs = 0;
  let nextPlace = 0;

  return {
    resume(given) {
      spans = [...given];
      newestMs = Math.max(newestMs, ...spans.map((span) => span.newestMs));
    },
    add(offset, signatures) {
      if (windowMs === undefined || signatures.length === 0) return;
      let [addedMs, lastPlace] = [0, 0];
      for (const signature of signatures) {
        addedMs = Math.max(addedMs, signature.issuedAtMs);
        lastPlace = Math.max(lastPlace, signature.offset);
      }
      newestMs = Math.max(newestMs, addedMs);
      const last = spans.at(-1);
      if (last === undefined || addedMs - last.firstMs > windowMs / spansInWindow) {
        spans.push({ offset, firstMs: addedMs, newestMs: addedMs, lastPlace });
      } else {
        spans[spans.length - 1] = {
          ...last,
          newestMs: Math.max(last.newestMs, addedMs),
          lastPlace: Math.max(last.lastPlace, lastPlace),
        };
      }
    },
    processed(place) {
      nextPlace = place;
    },
    firstPin() {
      const oldestMs = newestMs - (windowMs ?? 0);
      const needed = spans.findIndex((span) => span.newestMs >= oldestMs || span.lastPlace >= nextPlace);
      if (needed !== 0) spans = needed < 0 ? [] : spans.slice(needed);
      return spans[0]?.offset;
    },
    spans: () => spans,
  };
}
