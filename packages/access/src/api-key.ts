import { createHash, randomBytes } from 'node:crypto';
import { ConfigurationError } from '@preservarium/core';

/** An API key. The text is shown once; the entry is what the file of keys has of it. */
export interface NewApiKey {
  /** The key itself, for its user. */
  readonly text: string;
  readonly entry: ApiKeyEntry;
}

export interface ApiKeyEntry {
  /** Names the key in logs, policies and `issued_by`. */
  readonly id: string;
  /** SHA-256 of the key, in base64url. A key has 256 random bits: a slow hash would not make it harder to guess. */
  readonly sha256: string;
  readonly created?: Date | undefined;
  /** From then on the key is not valid any more. */
  readonly expires?: Date | undefined;
}

const idPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/**
 * Creates a key.
 *
 * @throws ConfigurationError for an id with other characters than lower-case letters, digits, dots, underscores and hyphens
 */
export function createApiKey(
  id: string,
  { expires, now = new Date() }: { readonly expires?: Date | undefined; readonly now?: Date } = {},
): NewApiKey {
  if (!idPattern.test(id)) {
    throw new ConfigurationError(
      `the id of a key must be 1 to 64 lower-case letters, digits, dots, underscores and hyphens, and "${id}" is not; for example dashboard`,
    );
  }
  const text = `pusher_${id}_${randomBytes(32).toString('base64url')}`;
  return { text, entry: { id, sha256: hashOfKey(text), created: now, ...(expires && { expires }) } };
}

/** Returns the hash of a key that the file of keys has. */
export function hashOfKey(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
