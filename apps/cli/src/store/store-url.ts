import { readVariables, type Variables } from '@preservarium/environment';
import { z } from 'zod';
import { flagsOf } from '../common-options.js';
import type { StoreOptions } from './store-options.js';

const variables = {
  COMMAND_STORE_URL: {
    rule: z
      .string()
      .regex(/^(sqlite:.|postgres(ql)?:\/\/.)/s, 'must be sqlite:PATH or postgres://...')
      .optional(),
    meaning: 'The command store.',
    example: '/run/secrets/command-store-url',
    valueExample: 'sqlite:commands.sqlite',
    file: true,
    secret: true,
  },
} satisfies Variables;

/**
 * Returns the URL of the command store: the flag before the environment, before the file of variables; undefined if none names one.
 *
 * @throws ConfigurationError if it is no such URL
 */
export function readStoreUrl(options: Pick<StoreOptions, 'store' | 'env'>): string | undefined {
  const flags = { ...flagsOf(options), COMMAND_STORE_URL: options.store };
  return readVariables(variables, process.env, { flags }).COMMAND_STORE_URL;
}

/** Returns the path of `sqlite:PATH`; undefined for other URLs. */
export function sqlitePath(url: string): string | undefined {
  return url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : undefined;
}

/** Returns the URL without its password and its query. */
export function displayUrl(url: string): string {
  if (sqlitePath(url) !== undefined || !URL.canParse(url)) return url.replace(/\/\/.*@/, '//');
  const shown = new URL(url);
  shown.password = '';
  shown.search = '';
  return shown.href;
}
