import { commitTests, contactTests } from './fault/contact.js';
import type { FaultSuite } from './fault/fault-suite.js';
import { longerTimeout } from './longer-timeout.js';

/** Defines tests of what a subscriber backend does while real brokers freeze, die and come back. */
export function subscriberFaultConformance(suite: FaultSuite): void {
  const patient = { ...suite, test: longerTimeout(suite.test, 180_000) };
  contactTests(patient);
  commitTests(patient);
}
