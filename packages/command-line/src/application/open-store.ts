import type { Logger } from '@preservarium/backend';
import type { CommandStore } from '@preservarium/command-store';
import { sqlitePath } from './store-url.js';

/** Opens the store and loads only the client of its database. */
export async function openStore(url: string, logger: Logger | undefined): Promise<CommandStore> {
  const path = sqlitePath(url);
  if (path !== undefined) {
    const { createSqliteCommandStore } = await import('@preservarium/command-store-sqlite');
    return createSqliteCommandStore({ path });
  }
  const { createPostgresCommandStore } = await import('@preservarium/command-store-postgres');
  return createPostgresCommandStore({ url, ...(logger && { logger }) });
}
