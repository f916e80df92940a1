import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Endpoints that have shown that they receive what is sent to their address (RFC 9175, section 2.4). */
export interface VerifiedEndpoints {
  isVerified(endpoint: string): boolean;
  /** Takes an Echo value that came back. Returns whether it is one of this endpoint, and recent; it is then verified. */
  verify(endpoint: string, echo: Buffer): boolean;
  /** Returns the Echo value for an endpoint; nothing is kept for it. */
  challenge(endpoint: string): Buffer;
}

/** An address may be another one's later. */
const verifiedForMs = 300_000;
/** Time for a request to come back with its Echo value. */
const freshForMs = 60_000;
const stampBytes = 6;
const tagBytes = 8;

/** @param options.maxEndpoints beyond it the earliest is forgotten, and asked again */
export function createVerifiedEndpoints({
  maxEndpoints,
}: {
  readonly maxEndpoints: number;
}): VerifiedEndpoints {
  const key = randomBytes(32);
  const verifiedAtMs = new Map<string, number>();

  function valueFor(endpoint: string, stamp: Buffer): Buffer {
    const tag = createHmac('sha256', key).update(stamp).update(endpoint).digest().subarray(0, tagBytes);
    return Buffer.concat([stamp, tag]);
  }

  return {
    isVerified(endpoint) {
      const sinceMs = verifiedAtMs.get(endpoint);
      return sinceMs !== undefined && Date.now() - sinceMs < verifiedForMs;
    },
    verify(endpoint, echo) {
      if (echo.length !== stampBytes + tagBytes) return false;
      const stamp = echo.subarray(0, stampBytes);
      const isFresh = Math.abs(Date.now() - stamp.readUIntBE(0, stampBytes)) < freshForMs;
      if (!isFresh || !timingSafeEqual(echo, valueFor(endpoint, stamp))) return false;
      verifiedAtMs.delete(endpoint);
      verifiedAtMs.set(endpoint, Date.now());
      const [earliest] = verifiedAtMs.keys();
      if (verifiedAtMs.size > maxEndpoints && earliest !== undefined) verifiedAtMs.delete(earliest);
      return true;
    },
    challenge(endpoint) {
      const stamp = Buffer.alloc(stampBytes);
      stamp.writeUIntBE(Date.now(), 0, stampBytes);
      return valueFor(endpoint, stamp);
    },
  };
}
