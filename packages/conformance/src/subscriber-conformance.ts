import type { ConformanceSuite } from './harness.js';
import { longerTimeout } from './longer-timeout.js';
import { callbackTests } from './subscriber/callbacks.js';
import { coAssignmentTests } from './subscriber/co-assignment.js';
import { deliveryTests } from './subscriber/delivery.js';
import { endOfPartitionTests } from './subscriber/end-of-partition.js';
import { groupTests } from './subscriber/group.js';
import { groupOffsetsTests } from './subscriber/group-offsets.js';
import { subscriberLifecycleTests } from './subscriber/lifecycle.js';
import { offsetTests } from './subscriber/offsets.js';
import { startTests } from './subscriber/start.js';
import { topicChangeTests } from './subscriber/topic-changes.js';

/** Defines a test for each obligation of `SubscriberBackend`. Assertions are those of `node:assert`. */
export function subscriberConformance(suite: ConformanceSuite): void {
  const patient = { ...suite, test: longerTimeout(suite.test, 120_000) };
  deliveryTests(patient);
  endOfPartitionTests(patient);
  offsetTests(patient);
  groupOffsetsTests(patient);
  startTests(patient);
  topicChangeTests(patient);
  groupTests(patient);
  coAssignmentTests(patient);
  callbackTests(patient);
  subscriberLifecycleTests(patient);
}
