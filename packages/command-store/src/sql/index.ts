export { openSqlCommandStore } from './open-sql-command-store.js';
export { openSqlRequestKeys } from './open-sql-request-keys.js';
export type { SqlDatabase, SqlDialect, SqlParameter, SqlQuery, SqlRow } from './sql-database.js';
