export { createPostgresCommandStore, type PostgresCommandStoreOptions } from './create-store.js';
