export { createPostgresRequestKeys } from './create-request-keys.js';
export { createPostgresCommandStore, type PostgresCommandStoreOptions } from './create-store.js';
