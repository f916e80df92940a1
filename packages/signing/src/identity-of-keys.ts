import { createHash } from 'node:crypto';
import type { VerificationKeys } from './read-keys.js';
import type { SigningKey } from './signing-key.js';

const known = new WeakMap<VerificationKeys, string>();

/** Returns a hash of the keys, in base64url: the same one for the same keys, in any order. No key can be found from it. */
export function identityOfKeys(verification: VerificationKeys): string {
  const before = known.get(verification);
  if (before !== undefined) return before;
  const facts = {
    keys: [...verification.keys.values()].map(factsOf).sort(),
    denied: [...verification.denied].sort(),
  };
  const identity = createHash('sha256').update(JSON.stringify(facts)).digest('base64url');
  known.set(verification, identity);
  return identity;
}

function factsOf({ keyId, issuer, algorithm, key }: SigningKey): string {
  const bytes = key.type === 'secret' ? key.export() : key.export({ type: 'spki', format: 'der' });
  const hash = createHash('sha256').update(bytes).digest('base64url');
  return JSON.stringify([keyId, issuer, algorithm, hash]);
}
