import { guardLogger, silentLogger } from '@preservarium/backend';
import type { RequestKeys } from '@preservarium/command-store';
import { openSqlRequestKeys } from '@preservarium/command-store/sql';
import type { PostgresCommandStoreOptions } from './create-store.js';
import { openDatabase } from './open-database.js';

/**
 * The request keys in a PostgreSQL, which may be that of a command store. Resolves when their table is there.
 *
 * @throws ConfigurationError, AuthenticationError, AuthorizationError, StoreUnavailableError, StoreFailedError
 */
export async function createPostgresRequestKeys({
  url,
  logger = silentLogger,
}: PostgresCommandStoreOptions): Promise<RequestKeys> {
  return openSqlRequestKeys(openDatabase(url, guardLogger(logger)));
}
