import { commandStoreConformance, sqlCommandStoreConformance } from '@preservarium/conformance';
import { test } from 'vitest';
import { createHarness } from './store-harness.js';

const harness = createHarness();
commandStoreConformance({ test, harness });
sqlCommandStoreConformance({ test, harness });
