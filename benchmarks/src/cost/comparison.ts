import type { WorkloadName } from './workloads/workloads.js';

/** The reference of a workload's cost. */
export interface Comparison {
  /** Its name in the report, after the slash. */
  readonly name: string;
  /** Compares once, in processes of its own. */
  measure(workload: WorkloadName, turns: CostTurns): Promise<CostSample>;
  /** The highest ratio allowed; `undefined` if none is known. */
  atMost(workload: WorkloadName): number | undefined;
  readonly notes: readonly string[];
}

export interface CostTurns {
  /** Turns until the code is compiled. */
  readonly warmUp: number;
  readonly measured: number;
}

/** One process, or one pair of processes. */
export interface CostSample {
  /** CPU time per command, in microseconds. */
  readonly cpuMicros: number;
  /** The CPU time divided by that of the comparison, both measured at the same time. */
  readonly ratio: number;
}
