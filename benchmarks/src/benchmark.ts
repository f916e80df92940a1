import type { KafkaCluster } from '@preservarium/testkit';
import type { Spread } from './spread.js';

export interface Benchmark {
  readonly name: 'push' | 'delivery';
  run(options: BenchmarkOptions): Promise<BenchmarkResult>;
}

export interface BenchmarkOptions {
  readonly kafka: KafkaCluster;
  /** How often each contestant has its turn. */
  readonly rounds: number;
  /** Fewer commands: shows that it works, says little about speed. */
  readonly quick: boolean;
  /** Tells whoever waits how far it is. */
  say(line: string): void;
}

export interface BenchmarkResult {
  readonly figures: readonly Figure[];
  readonly verdicts: readonly Verdict[];
  /** Every single measurement, for whoever wants to look closer. */
  readonly measurements: readonly object[];
  /** Nothing was lost, nothing came out of order. */
  readonly verified: boolean;
}

/** What one contestant reached, over the rounds. */
export interface Figure {
  readonly name: string;
  readonly unit: 'commands/s' | 'µs of CPU per command' | 'ms' | 'MiB';
  readonly spread: Spread;
}

/** How two figures compare, each within its round: their ratio, or their difference where it has a unit. */
export interface Verdict {
  readonly name: string;
  readonly unit?: 'ms';
  readonly spread: Spread;
  readonly target?: Target;
}

export type Target = { readonly atLeast: number } | { readonly atMost: number };

export function isMet({ spread: { median } }: Verdict, target: Target): boolean {
  return 'atLeast' in target ? median >= target.atLeast : median <= target.atMost;
}
