export { createMemoryCommandStore } from './create-memory-command-store.js';
