import type { RequestKeys } from '@preservarium/command-store';
import { openSqlRequestKeys } from '@preservarium/command-store/sql';
import type { SqliteCommandStoreOptions } from './create-store.js';
import { openDatabase } from './open-database.js';
import { withSharedCommits } from './sqlite-shared-commits.js';

/**
 * The request keys in a file, which may be that of a command store. Resolves when their table is there.
 *
 * @throws ConfigurationError, StoreUnavailableError, StoreFailedError
 */
export async function createSqliteRequestKeys({ path }: SqliteCommandStoreOptions): Promise<RequestKeys> {
  return openSqlRequestKeys(withSharedCommits(openDatabase(path, { survivesPowerLoss: true })));
}
