import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** Returns a JWK of a new secret key. */
export function secretJwk(kid = 'app-1', iss = 'app') {
  return { kty: 'oct', kid, iss, alg: 'HS256', k: randomBytes(32).toString('base64url') };
}

/** Returns the JWKs of a new pair of keys. */
export function pairOfJwks(kid = 'app-ed', iss = 'app') {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x, d } = privateKey.export({ format: 'jwk' });
  const shared = { kty: 'OKP', crv: 'Ed25519', kid, iss, alg: 'Ed25519', x };
  return { privateJwk: { ...shared, d }, publicJwk: shared };
}
