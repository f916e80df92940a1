export { createSqliteCommandStore, type SqliteCommandStoreSettings } from './create-store.js';
