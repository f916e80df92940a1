export { createPostgresCommandStore, type PostgresCommandStoreSettings } from './create-store.js';
