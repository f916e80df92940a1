import type { Logger } from '@preservarium/backend';
import type { RequestKeys } from '@preservarium/command-store';
import { sqlitePath } from './store-url.js';

/** Opens the request keys in the database of a command store, and loads only its client. */
export async function openRequestKeys(url: string, logger: Logger | undefined): Promise<RequestKeys> {
  const path = sqlitePath(url);
  if (path !== undefined) {
    const { createSqliteRequestKeys } = await import('@preservarium/command-store-sqlite');
    return createSqliteRequestKeys({ path });
  }
  const { createPostgresRequestKeys } = await import('@preservarium/command-store-postgres');
  return createPostgresRequestKeys({ url, ...(logger && { logger }) });
}
