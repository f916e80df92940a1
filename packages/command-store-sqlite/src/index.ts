export { createSqliteCommandStore, type SqliteCommandStoreOptions } from './create-store.js';
