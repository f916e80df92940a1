import { existsSync } from 'node:fs';
import { ConfigurationError } from '@preservarium/core';
import { readDataFile } from '@preservarium/environment';
import { readVerificationKeys } from '@preservarium/signing';
import { stringify } from 'yaml';
import { writeRenamed } from './write-renamed.js';

/** The content of a file of trusted keys. */
export interface TrustedKeys {
  /** As JWK. */
  readonly keys: readonly Readonly<Record<string, string>>[];
  /** Ids of keys whose signatures are refused. */
  readonly denied: readonly string[];
}

/**
 * Reads a file of trusted keys; nothing from one that does not exist.
 *
 * @throws ConfigurationError where it is not valid
 */
export function readTrustedKeys(path: string): TrustedKeys {
  if (!existsSync(path)) return { keys: [], denied: [] };
  const content = contentOf(path);
  readVerificationKeys(content, `trusted keys ${path}`);
  return { denied: [], ...(content as Pick<TrustedKeys, 'keys'>) };
}

/**
 * Writes a file of trusted keys; connectors that run take it within two seconds.
 *
 * @throws ConfigurationError where the content is not valid
 */
export function writeTrustedKeys(path: string, { keys, denied }: TrustedKeys): void {
  const content = { keys, ...(denied.length > 0 && { denied }) };
  readVerificationKeys(content, `trusted keys ${path}`);
  writeRenamed(path, stringify(content));
}

function contentOf(path: string): unknown {
  try {
    return readDataFile(path);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(`trusted keys ${path}: cannot be read: ${problem}`, { cause });
  }
}
