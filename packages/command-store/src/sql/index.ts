export type { SqlMigrations } from './migrate-tables.js';
export { openSqlCommandStore } from './open-sql-command-store.js';
export { openSqlRequestKeys } from './open-sql-request-keys.js';
export type { SqlDatabase, SqlParameter, SqlQuery } from './sql-database.js';
