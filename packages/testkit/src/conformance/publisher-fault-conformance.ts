import type { PushAudit } from '../audit-pushes.js';
import { midPushTests } from './fault/mid-push.js';
import { unavailableTests } from './fault/unavailable.js';
import type { ConformanceSuite, FaultyCluster } from './harness.js';
import { longerTimeout } from './longer-timeout.js';

export interface FaultSuite extends ConformanceSuite {
  /** The brokers behind the harness, used by nobody else. */
  readonly cluster: FaultyCluster;
  /** Receives what was counted after each failure, for a report. */
  onAudit?(test: string, audit: FaultAudit): void;
}

export interface FaultAudit extends PushAudit {
  readonly pushes: number;
  /** How often each error code was given. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Defines tests of what a publisher backend does while real brokers freeze, die and come back. */
export function publisherFaultConformance(suite: FaultSuite): void {
  const patient = { ...suite, test: longerTimeout(suite.test, 180_000) };
  midPushTests(patient);
  unavailableTests(patient);
}
