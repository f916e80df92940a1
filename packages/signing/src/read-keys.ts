import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { ConfigurationError, formatPath } from '@preservarium/core';
import { z } from 'zod';
import type { SigningKey } from './signing-key.js';

const name = z.string().regex(/^[\w.@:-]{1,128}$/, 'must be 1 to 128 letters, digits and . _ - @ :');
const bytes = z.string().regex(/^[\w-]+$/, 'must be base64url');

/** A key as a JWK (RFC 7517, RFC 8037); `iss` is the owner of the key. */
const jwk = z.discriminatedUnion('kty', [
  z.strictObject({
    kty: z.literal('oct'),
    kid: name,
    iss: name,
    alg: z.literal('HS256'),
    k: bytes.refine((text) => Buffer.from(text, 'base64url').length >= 32, 'must have 32 bytes or more'),
  }),
  z.strictObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    kid: name,
    iss: name,
    alg: z.literal('Ed25519'),
    x: bytes,
    d: bytes.optional(),
  }),
]);

const keySet = z.strictObject({
  keys: z.array(jwk),
  denied: z.array(name).default([]),
});

type Jwk = z.output<typeof jwk>;

/** The keys that may have signed a record. */
export interface VerificationKeys {
  readonly keys: ReadonlyMap<string, SigningKey>;
  /** Ids of keys whose signatures are refused, whether or not the key is known. */
  readonly denied: ReadonlySet<string>;
}

/**
 * Reads a key that signs: a JWK with `kid`, `iss` and `alg` (`HS256` or `Ed25519`).
 *
 * @param what the name of the key, for messages
 * @throws ConfigurationError with the places that are not valid; the key is in none of them
 */
export function readSigningKey(content: unknown, what = 'signing key'): SigningKey {
  const found = parse(jwk, content, what);
  if (found.kty === 'OKP' && found.d === undefined) {
    throw new ConfigurationError(`${what}: d is missing: a public key verifies signatures and makes none`);
  }
  return toSigningKey(found, what, true);
}

/**
 * Reads the keys that verify: a JWK Set of `keys` as for {@link readSigningKey}, public ones for Ed25519, and `denied`, a list of ids of keys.
 *
 * @param what the name of the set, for messages
 * @throws ConfigurationError with the places that are not valid; no key is in them
 */
export function readVerificationKeys(content: unknown, what = 'verification keys'): VerificationKeys {
  const set = parse(keySet, content, what);
  const keys = new Map<string, SigningKey>();
  for (const key of set.keys) {
    if (keys.has(key.kid)) throw new ConfigurationError(`${what}: two keys have the kid "${key.kid}"`);
    keys.set(key.kid, toSigningKey(key, what, false));
  }
  return { keys, denied: new Set(set.denied) };
}

function parse<Schema extends z.ZodType>(schema: Schema, content: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${formatPath(issue.path)}: ${issue.message}`);
  throw new ConfigurationError(`${what}: ${problems.join('; ')}`);
}

function toSigningKey(found: Jwk, what: string, isPrivate: boolean): SigningKey {
  const { kid: keyId, iss: issuer, alg: algorithm } = found;
  return { keyId, issuer, algorithm, key: toKeyObject(found, what, isPrivate) };
}

function toKeyObject(found: Jwk, what: string, isPrivate: boolean): KeyObject {
  if (found.kty === 'oct') return createSecretKey(Buffer.from(found.k, 'base64url'));
  const { kty, crv, x, d } = found;
  try {
    if (isPrivate) return createPrivateKey({ key: { kty, crv, x, ...(d && { d }) }, format: 'jwk' });
    return createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  } catch {
    throw new ConfigurationError(`${what}: the key "${found.kid}" is no Ed25519 key`);
  }
}
