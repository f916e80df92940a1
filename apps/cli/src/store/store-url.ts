import { readVariables, type Variables } from '@preservarium/environment';
import { z } from 'zod';

const variables = {
  COMMAND_STORE_URL: {
    rule: z
      .string()
      .regex(/^(sqlite:.|postgres(ql)?:\/\/.)/s, 'must be sqlite:PATH or postgres://...')
      .optional(),
    meaning: 'The command store.',
    example: 'sqlite:commands.sqlite',
    file: true,
    secret: true,
  },
} satisfies Variables;

/**
 * Where the command store is: what the flag says, before the environment and the .env file; undefined where nothing does.
 *
 * @throws ConfigurationError where it is none
 */
export function readStoreUrl(flag: string | undefined): string | undefined {
  return readVariables(variables, process.env, { flags: { COMMAND_STORE_URL: flag } }).COMMAND_STORE_URL;
}

/** The path of `sqlite:PATH`; undefined for other URLs. */
export function sqlitePath(url: string): string | undefined {
  return url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : undefined;
}

/** The URL without its password. */
export function displayUrl(url: string): string {
  if (sqlitePath(url) !== undefined || !URL.canParse(url)) return url.replace(/\/\/.*@/, '//');
  const shown = new URL(url);
  shown.password = '';
  shown.search = '';
  return shown.href;
}
