import type { FaultSuite } from './fault/fault-suite.js';
import { midPushTests } from './fault/mid-push.js';
import { unavailableTests } from './fault/unavailable.js';
import { longerTimeout } from './longer-timeout.js';

/** Defines tests of what a publisher backend does while real brokers freeze, die and come back. */
export function publisherFaultConformance(suite: FaultSuite): void {
  const patient = { ...suite, test: longerTimeout(suite.test, 180_000) };
  midPushTests(patient);
  unavailableTests(patient);
}
