import { createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto';

/** `HS256`: HMAC with SHA-256 (RFC 7518), for throughput. `Ed25519` (RFC 9864), where those who verify must not be able to sign. */
export const algorithms = ['HS256', 'Ed25519'] as const;
export type Algorithm = (typeof algorithms)[number];

/** A key that verifies signatures, and makes them unless it is a public one. */
export interface SigningKey {
  /** Its name in signatures, logs and the deny-list. */
  readonly keyId: string;
  /** The owner of the key: the `key` that rules of a policy name. */
  readonly issuer: string;
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
}

/** Returns the signature of a protected header, in base64url, and the bytes that it protects. */
export function signBytes({ algorithm, key }: SigningKey, header: string, value: Buffer): Buffer {
  if (algorithm === 'HS256') return hmac(key, header, value);
  return sign(null, signingInput(header, value), key);
}

/** Returns true if the signature is that of {@link signBytes}. */
export function isSignatureOf(
  { algorithm, key }: SigningKey,
  signature: Buffer,
  header: string,
  value: Buffer,
): boolean {
  if (algorithm === 'HS256') {
    return signature.length === 32 && timingSafeEqual(signature, hmac(key, header, value));
  }
  return signature.length === 64 && verify(null, signingInput(header, value), key, signature);
}

function hmac(key: KeyObject, header: string, value: Buffer): Buffer {
  return createHmac('sha256', key).update(`${header}.`).update(value).digest();
}

function signingInput(header: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${header}.`), value]);
}
