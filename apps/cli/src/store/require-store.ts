import { ConfigurationError } from '@preservarium/core';
import type { StoreOptions } from './store-options.js';
import { readStoreUrl } from './store-url.js';

/** Where the store is that a command is about. */
export function requireStore({ store }: StoreOptions): string {
  const url = readStoreUrl(store);
  if (url !== undefined) return url;
  throw new ConfigurationError(
    '--store must say which command store, for example --store sqlite:commands.sqlite',
  );
}
