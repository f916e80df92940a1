export { createMemoryCommandStore } from './create-memory-command-store.js';
export { createMemoryRequestKeys } from './create-memory-request-keys.js';
