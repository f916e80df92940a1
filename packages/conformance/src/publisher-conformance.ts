import type { ConformanceSuite } from './harness.js';
import { longerTimeout } from './longer-timeout.js';
import { acknowledgementTests } from './publisher/acknowledgement.js';
import { bytesTests } from './publisher/bytes.js';
import { failureTests } from './publisher/failures.js';
import { publisherLifecycleTests } from './publisher/lifecycle.js';
import { orderTests } from './publisher/order.js';
import { partitioningTests } from './publisher/partitioning.js';
import { waitTests } from './publisher/waits.js';

/** Defines a test for each obligation of `PublisherBackend`. Assertions are those of `node:assert`. */
export function publisherConformance(suite: ConformanceSuite): void {
  const patient = { ...suite, test: longerTimeout(suite.test, 60_000) };
  acknowledgementTests(patient);
  bytesTests(patient);
  orderTests(patient);
  partitioningTests(patient);
  failureTests(patient);
  waitTests(patient);
  publisherLifecycleTests(patient);
}
