import { type KeyObject, sign, verify } from 'node:crypto';
import { hmacOf } from './hmac.js';

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

/** Returns the signature of a protected header, in base64url, and the bytes that it protects; in base64url. */
export function signatureOf({ algorithm, key }: SigningKey, header: string, value: Buffer): string {
  if (algorithm === 'HS256') return hmacOf(key, header, value);
  return sign(null, signingInput(header, value), key).toString('base64url');
}

/** Returns true if the signature is that of {@link signatureOf}, in its one form. */
export function isSignatureOf(
  { algorithm, key }: SigningKey,
  signature: string,
  header: string,
  value: Buffer,
): boolean {
  if (algorithm === 'HS256') return isSame(signature, hmacOf(key, header, value));
  const bytes = Buffer.from(signature, 'base64url');
  if (bytes.length !== 64 || bytes.toString('base64url') !== signature) return false;
  return verify(null, signingInput(header, value), key, bytes);
}

/** Takes the same time wherever the texts differ. */
function isSame(given: string, expected: string): boolean {
  if (given.length !== expected.length) return false;
  let difference = 0;
  for (let index = 0; index < expected.length; index++) {
    difference |= given.charCodeAt(index) ^ expected.charCodeAt(index);
  }
  return difference === 0;
}

function signingInput(header: string, value: Buffer): Buffer {
  const input = Buffer.allocUnsafe(header.length + 1 + value.length);
  const length = input.write(`${header}.`, 'latin1');
  value.copy(input, length);
  return input;
}
