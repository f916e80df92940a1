import { delivererLifecycleTests } from './deliverer/lifecycle.js';
import { delivererOrderTests } from './deliverer/order.js';
import { payloadTests } from './deliverer/payloads.js';
import { presenceTests } from './deliverer/presence.js';
import { resultTests } from './deliverer/results.js';
import { settingsTests } from './deliverer/settings.js';
import { delivererWaitTests } from './deliverer/waits.js';
import type { DelivererSuite } from './deliverer-harness.js';
import { longerTimeout } from './longer-timeout.js';

/** Defines a test for each obligation of `Deliverer`. Assertions are those of `node:assert`. */
export function delivererConformance(suite: DelivererSuite): void {
  const patient = { ...suite, test: longerTimeout(suite.test, 60_000) };
  resultTests(patient);
  payloadTests(patient);
  settingsTests(patient);
  presenceTests(patient);
  delivererOrderTests(patient);
  delivererWaitTests(patient);
  delivererLifecycleTests(patient);
}
