import { createMemoryRequestKeys } from '@preservarium/command-store/memory';
import { test } from 'vitest';
import { requestKeysConformance } from '../src/index.js';

requestKeysConformance({
  test,
  isShared: false,
  createPlace: async () => async () => createMemoryRequestKeys(),
});
