import type { Logger } from '@preservarium/backend';
import type { RequestKeys } from '@preservarium/command-store';
import { sqlitePath } from './store-url.js';

/**
 * Opens the request keys in the database of a command store, and loads only its client. With SQLite they have a file of their own: a claim waits for the
 * disk, and would wait for each write to the store as well.
 */
export async function openRequestKeys(url: string, logger: Logger | undefined): Promise<RequestKeys> {
  const path = sqlitePath(url);
  if (path !== undefined) {
    const { createSqliteRequestKeys } = await import('@preservarium/command-store-sqlite');
    return createSqliteRequestKeys({ path: path === ':memory:' ? path : `${path}.keys` });
  }
  const { createPostgresRequestKeys } = await import('@preservarium/command-store-postgres');
  return createPostgresRequestKeys({ url, ...(logger && { logger }) });
}
