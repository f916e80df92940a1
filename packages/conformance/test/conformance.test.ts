import { test } from 'vitest';
import { memoryHarness } from '../src/index.js';
import { publisherConformance } from '../src/publisher-conformance.js';
import { subscriberConformance } from '../src/subscriber-conformance.js';

publisherConformance({ test, harness: memoryHarness() });
subscriberConformance({ test, harness: memoryHarness() });
