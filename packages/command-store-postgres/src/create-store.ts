import { guardLogger, type Logger, silentLogger } from '@preservarium/backend';
import type { CommandStore } from '@preservarium/command-store';
import { openSqlCommandStore } from '@preservarium/command-store/sql';
import { openDatabase } from './open-database.js';

export interface PostgresCommandStoreOptions {
  /** `postgres://user:password@host:5432/database`, with `?sslmode=verify-full` and the like as `pg` takes them. */
  readonly url: string;
  /** Default: nothing is logged. */
  readonly logger?: Logger;
}

/**
 * The command store in a PostgreSQL, which several processes may share. Resolves when its tables are there, in the schema that the
 * role uses by default.
 *
 * @throws ConfigurationError, AuthenticationError, AuthorizationError, StoreUnavailableError, StoreFailedError
 */
export async function createPostgresCommandStore({
  url,
  logger = silentLogger,
}: PostgresCommandStoreOptions): Promise<CommandStore> {
  return openSqlCommandStore(openDatabase(url, guardLogger(logger)));
}
