import type { Logger } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import { readDataFile, watchedFile } from '@preservarium/environment';
import { readSigningKey, readVerificationKeys, type VerificationKeys } from './read-keys.js';
import type { SigningKey } from './signing-key.js';

interface FileOptions {
  /** Default: nothing is logged. */
  readonly logger?: Logger | undefined;
}

/**
 * Reads the key that signs from a file, YAML or JSON. A call notices within two seconds that the file has changed; a version that is not
 * valid is logged as an error, and the last good one stays in use.
 *
 * @throws ConfigurationError that names the file and the place, when the first version is not valid
 */
export function signingKeyFromFile(path: string, { logger }: FileOptions = {}): () => SigningKey {
  const name = 'signing key';
  return watchedFile({
    path,
    name,
    read: () => readSigningKey(contentOf(path, name), `${name} ${path}`),
    logger,
  });
}

/** {@link signingKeyFromFile} for the keys that verify. */
export function verificationKeysFromFile(path: string, { logger }: FileOptions = {}): () => VerificationKeys {
  const name = 'verification keys';
  return watchedFile({
    path,
    name,
    read: () => readVerificationKeys(contentOf(path, name), `${name} ${path}`),
    logger,
  });
}

function contentOf(path: string, name: string): unknown {
  try {
    return readDataFile(path);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(`${name} ${path}: cannot be read: ${problem}`, { cause });
  }
}
