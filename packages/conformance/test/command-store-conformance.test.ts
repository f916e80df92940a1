import { createMemoryCommandStore } from '@preservarium/command-store/memory';
import { test } from 'vitest';
import { commandStoreConformance } from '../src/index.js';

commandStoreConformance({
  test,
  harness: { isShared: false, createPlace: async () => async () => createMemoryCommandStore() },
});
