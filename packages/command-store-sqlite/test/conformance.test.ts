import { commandStoreConformance } from '@preservarium/conformance';
import { test } from 'vitest';
import { createHarness } from './store-harness.js';

commandStoreConformance({ test, harness: createHarness() });
