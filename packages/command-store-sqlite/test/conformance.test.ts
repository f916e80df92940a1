import { commandStoreConformance } from '@preservarium/testkit';
import { test } from 'vitest';
import { createHarness } from './store-harness.js';

commandStoreConformance({ test, harness: createHarness() });
