import { existsSync } from 'node:fs';
import { sqlitePath } from '@preservarium/command-line/application';
import { ConfigurationError } from '@preservarium/core';
import { pusher } from '../pusher.js';

/**
 * Refuses a path without a file, because opening it would create an empty store.
 *
 * @throws ConfigurationError
 */
export function requireFile(url: string): void {
  const path = sqlitePath(url);
  if (path === undefined || existsSync(path)) return;
  throw new ConfigurationError(
    `no command store at ${path}: \`${pusher} store run --store ${url}\` creates one`,
  );
}
