import { storeVariables } from '@preservarium/command-line/application';
import { readVariables } from '@preservarium/environment';
import { flagsOf } from '../common-options.js';
import type { StoreOptions } from './store-options.js';

/**
 * Returns the URL of the command store: the flag before the environment, before the file of variables; undefined if none names one.
 *
 * @throws ConfigurationError if it is no such URL
 */
export function readStoreUrl(options: Pick<StoreOptions, 'store' | 'env'>): string | undefined {
  const flags = { ...flagsOf(options), COMMAND_STORE_URL: options.store };
  return readVariables(storeVariables, process.env, { flags }).COMMAND_STORE_URL;
}
