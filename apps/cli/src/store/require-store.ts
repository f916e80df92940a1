import { ConfigurationError } from '@preservarium/core';
import type { StoreOptions } from './store-options.js';
import { readStoreUrl } from './store-url.js';

/**
 * Returns the URL of the command store.
 *
 * @throws ConfigurationError if there is none
 */
export function requireStore(options: StoreOptions): string {
  const url = readStoreUrl(options);
  if (url !== undefined) return url;
  throw new ConfigurationError(
    'no command store is named: add --store or set COMMAND_STORE_URL, for example --store sqlite:commands.sqlite',
  );
}
