import { propagation } from '@opentelemetry/api';
import { memoryHarness, publisherConformance, subscriberConformance } from '@preservarium/conformance';
import { test } from 'vitest';
import { traceBackend } from '../src/index.js';
import { registerTestSdk } from './test-sdk.js';

registerTestSdk();
// The suites compare headers with those that were given.
propagation.disable();

const memory = memoryHarness();
const suite = {
  test,
  harness: { ...memory, create: (settings = {}) => traceBackend(memory.create(settings)) },
};
publisherConformance(suite);
subscriberConformance(suite);
