export { createSqliteRequestKeys } from './create-request-keys.js';
export { createSqliteCommandStore, type SqliteCommandStoreOptions } from './create-store.js';
