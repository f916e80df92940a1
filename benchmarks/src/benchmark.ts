import type { KafkaCluster } from '@preservarium/dev-services';
import type { Spread } from './spread.js';

export const benchmarkNames = [
  'push',
  'delivery',
  'two-way',
  'in-flight',
  'pressure',
  'soak',
  'sleeping',
  'partitions',
  'conflicts',
  'settings',
  'gateway',
  'console',
  'late-execution',
  'signing',
  'cost',
] as const;

export type BenchmarkName = (typeof benchmarkNames)[number];

/** A benchmark that needs a Kafka. */
export interface Benchmark {
  readonly name: BenchmarkName;
  run(options: BenchmarkOptions): Promise<BenchmarkResult>;
}

export interface BenchmarkOptions {
  readonly kafka: KafkaCluster;
  /** How often each contestant has its turn. */
  readonly rounds: number;
  /** Fewer commands: shows that it works, says little about speed. */
  readonly quick: boolean;
  /** The contestants to compare, in throughput alone. Default: all of them, in everything. */
  readonly only: readonly string[] | undefined;
  /**
   * How many commands wait in `sleeping` (default 2,000,000), go through each program of `soak` (5,000,000), or how many changes `conflicts`
   * makes (20,000).
   */
  readonly commands?: number | undefined;
  /** How many devices `sleeping` (default 500,000) and `settings` (300,000) have. */
  readonly devices?: number | undefined;
  /** How long a soak takes for each backend. */
  readonly minutes: number;
  /** Reports progress to the user. */
  say(line: string): void;
}

export interface BenchmarkResult {
  /** The options that determine the speed of each contestant, by its name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Notes for readers of the figures, for example the contestants that were left out. */
  readonly notes: readonly string[];
  readonly figures: readonly Figure[];
  readonly verdicts: readonly Verdict[];
  /** Every single measurement, for closer analysis. */
  readonly measurements: readonly object[];
  /** The measurements that failed, lost something or brought it out of order. */
  readonly failures: readonly string[];
  /** A table in Markdown. */
  readonly table?: string;
  /** The text of an SVG. */
  readonly plot?: string;
}

export const emptyResult: BenchmarkResult = {
  settings: {},
  notes: [],
  figures: [],
  verdicts: [],
  measurements: [],
  failures: [],
};

/** The results of one contestant, over the rounds. A name has one figure of each unit. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly spread: Spread;
}

export type Unit =
  | 'commands/s'
  | 'µs of CPU per command'
  | 'µs of the JavaScript thread per command'
  | 'CPU s per million'
  | 'peak MiB'
  | 'first push ms'
  | 'executed again'
  | 'p50 ms'
  | 'p99 ms'
  | '% of a core'
  | 'acknowledged/s'
  | 'acknowledged/s before'
  | 'acknowledged/s after'
  | 'failed'
  | 'loop delay p99 ms'
  | 'loop delay max ms'
  | 'CPU ms of the longest turn'
  | 'MiB'
  | 'MiB of live heap'
  | 'bytes of live heap'
  | 'records/s'
  | 'ratio'
  | 's';

/** How two figures compare, each within its round: their ratio, or their difference where it has a unit. */
export interface Verdict {
  readonly name: string;
  readonly unit?: 'ms' | '%' | 'MB';
  readonly spread: Spread;
  readonly target?: Target;
}

export type Target = { readonly atLeast: number } | { readonly atMost: number };

export function isMet({ spread: { median } }: Verdict, target: Target): boolean {
  return 'atLeast' in target ? median >= target.atLeast : median <= target.atMost;
}
