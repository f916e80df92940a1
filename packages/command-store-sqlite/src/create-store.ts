import type { CommandStore } from '@preservarium/command-store';
import { openSqlCommandStore } from '@preservarium/command-store/sql';
import { openDatabase } from './open-database.js';

export interface SqliteCommandStoreOptions {
  /** The file; made where there is none, and `:memory:` is none at all. Its folder must exist. */
  readonly path: string;
}

/**
 * The command store in a file, for the processes of one machine. Resolves when its tables are there.
 *
 * @throws ConfigurationError on a Node older than 22.18, and where the file cannot be one of a store
 * @throws StoreUnavailableError, StoreFailedError
 */
export async function createSqliteCommandStore({ path }: SqliteCommandStoreOptions): Promise<CommandStore> {
  // The feed reads again what a loss of power takes back: its position is of the same commit.
  return openSqlCommandStore(openDatabase(path, { survivesPowerLoss: false }));
}
