import type { CommandStore } from '../command-store.js';
import { commandTables } from './command-tables.js';
import { createSqlCommandStore } from './create-sql-command-store.js';
import { migrateTables, withKnownVersion } from './migrate-tables.js';
import type { SqlDatabase } from './sql-database.js';

/** The store on a database, which is given its tables first; closes the database where that fails. */
export async function openSqlCommandStore(database: SqlDatabase): Promise<CommandStore> {
  const migrations = commandTables(database.dialect);
  try {
    await migrateTables(database, migrations);
  } catch (error) {
    await database.close();
    throw error;
  }
  return createSqlCommandStore(withKnownVersion(database, migrations));
}
