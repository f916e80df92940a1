import { test } from 'vitest';
import { memoryHarness } from '../src/conformance/memory-harness.js';
import { publisherConformance } from '../src/conformance/publisher-conformance.js';

publisherConformance({ test, harness: memoryHarness() });
