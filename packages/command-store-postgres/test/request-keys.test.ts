import { requestKeysConformance } from '@preservarium/conformance';
import { test } from 'vitest';
import { createHarness } from './store-harness.js';

const { createKeysPlace } = createHarness();
requestKeysConformance({ test, isShared: true, createPlace: createKeysPlace });
