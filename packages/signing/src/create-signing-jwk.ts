import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Algorithm } from './signing-key.js';

/** A new key: what signs is secret; what verifies is public for Ed25519, and the same secret for HS256. */
export interface NewSigningJwk {
  /** Content of the file of `signingKeyFromFile`. */
  readonly signs: Readonly<Record<string, string>>;
  /** An entry of `keys` in the file of `verificationKeysFromFile`. */
  readonly verifies: Readonly<Record<string, string>>;
}

/**
 * Creates a key as JWK (RFC 7517, RFC 8037).
 *
 * @param options.issuer the owner of the key, whom rules of a policy name as `key`
 * @param options.keyId default: the issuer and eight random characters
 * @param options.algorithm default `Ed25519`
 */
export function createSigningJwk({
  issuer,
  keyId = `${issuer}-${randomBytes(4).toString('hex')}`,
  algorithm = 'Ed25519',
}: {
  readonly issuer: string;
  readonly keyId?: string | undefined;
  readonly algorithm?: Algorithm;
}): NewSigningJwk {
  const named = { kid: keyId, iss: issuer, alg: algorithm };
  if (algorithm === 'HS256') {
    const key = { kty: 'oct', ...named, k: randomBytes(32).toString('base64url') };
    return { signs: key, verifies: key };
  }
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const verifies = { kty: 'OKP', crv: 'Ed25519', ...named, x };
  return { signs: { ...verifies, d }, verifies };
}
