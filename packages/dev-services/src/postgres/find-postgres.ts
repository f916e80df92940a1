import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ConfigurationError } from '@preservarium/core';

/** Path of one of the server's programs, of the newest version there is; throws where it is not installed. */
export function findPostgres(program: 'initdb' | 'postgres'): string {
  // Debian keeps each version in a folder that nobody's PATH has.
  const versions = globSync('/usr/lib/postgresql/*/bin').toSorted((a, b) =>
    b.localeCompare(a, 'en', { numeric: true }),
  );
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions];
  const path = folders.map((folder) => join(folder, program)).find((file) => existsSync(file));
  if (path !== undefined) return path;
  throw new ConfigurationError(
    `${program} is not installed; for example: apt-get install postgresql, or name a server in POSTGRES_URL`,
  );
}
