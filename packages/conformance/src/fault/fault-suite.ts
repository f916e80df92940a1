import type { PushAudit } from '../audit-pushes.js';
import type { ConformanceSuite, FaultyCluster } from '../harness.js';

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
