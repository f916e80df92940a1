import type { Logger } from '@preservarium/backend';
import { ConfigurationError, formatPath } from '@preservarium/core';
import { readDataFile, watchedFile } from '@preservarium/environment';
import { z } from 'zod';
import { type ApiKeyEntry, hashOfKey } from './api-key.js';

/** Returns the entry of a key; undefined for a key that is unknown or has expired. */
export type ApiKeys = (text: string) => ApiKeyEntry | undefined;

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const fileSchema = z.strictObject({
  keys: z.array(
    z.strictObject({
      id: z.string().min(1).max(64),
      sha256: z.string().regex(/^[\w-]{43}$/, 'must be a SHA-256 in base64url'),
      created: instant.optional(),
      expires: instant.optional(),
    }),
  ),
});

/**
 * Reads API keys from a file, YAML or JSON: `keys` with `id`, `sha256`, and optionally `created` and `expires`. A call notices within two
 * seconds that the file has changed; a version that is not valid is logged as an error, and the last good one stays in use.
 *
 * @throws ConfigurationError that names the file and the place, when the first version is not valid
 */
export function apiKeysFromFile(
  path: string,
  { logger, clock = Date.now }: { readonly logger?: Logger; readonly clock?: () => number } = {},
): ApiKeys {
  const entries = watchedFile({ path, name: 'API keys', read: readEntries, logger });
  return (text) => {
    const entry = entries().get(hashOfKey(text));
    return entry?.expires !== undefined && entry.expires.getTime() <= clock() ? undefined : entry;
  };
}

/**
 * Reads the entries of a file of keys; none from a file that does not exist.
 *
 * @throws ConfigurationError
 */
export function readApiKeys(path: string): readonly ApiKeyEntry[] {
  return [...readEntries(path).values()];
}

function readEntries(path: string): ReadonlyMap<string, ApiKeyEntry> {
  const result = fileSchema.safeParse(contentOf(path));
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${formatPath(issue.path)}: ${issue.message}`);
    throw new ConfigurationError(`API keys ${path}: ${problems.join('; ')}`);
  }
  const { keys } = result.data;
  const ids = new Set<string>();
  for (const { id } of keys) {
    if (ids.has(id)) throw new ConfigurationError(`API keys ${path}: two keys have the id "${id}"`);
    ids.add(id);
  }
  return new Map(keys.map((entry) => [entry.sha256, entry]));
}

function contentOf(path: string): unknown {
  try {
    return readDataFile(path);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(
      `API keys ${path}: cannot be read: ${problem}; \`pusher keys create\` writes such a file`,
      { cause },
    );
  }
}
