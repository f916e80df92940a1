import { test } from 'vitest';
import { memoryHarness } from '../src/conformance/memory-harness.js';
import { publisherConformance } from '../src/conformance/publisher-conformance.js';
import { subscriberConformance } from '../src/conformance/subscriber-conformance.js';

publisherConformance({ test, harness: memoryHarness() });
subscriberConformance({ test, harness: memoryHarness() });
