import type { Measurement } from './compare.js';
import type { Comparison } from './comparisons.js';

export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export interface Summary {
  readonly ratioName: string;
  readonly target: number;
  /** Commands in a second. */
  readonly ours: Spread;
  readonly byHand: Spread;
  /** Ours to by hand, within each round. */
  readonly ratio: Spread;
  /** Every command was acknowledged, and is in the topic once and in order. */
  readonly verified: boolean;
}

export function summarize(
  { ours, byHand, target }: Comparison,
  measurements: readonly Measurement[],
): Summary {
  const speedsOf = (name: string) =>
    measurements.filter(({ contestant }) => contestant === name).map(({ perSecond }) => perSecond);
  const oursPerSecond = speedsOf(ours.name);
  const byHandPerSecond = speedsOf(byHand.name);
  return {
    ratioName: `${ours.name} / ${byHand.name}`,
    target,
    ours: spreadOf(oursPerSecond),
    byHand: spreadOf(byHandPerSecond),
    ratio: spreadOf(oursPerSecond.map((speed, round) => speed / (byHandPerSecond[round] ?? Number.NaN))),
    verified: measurements.every(isComplete),
  };
}

export function isComplete({ acknowledged, commands, missing, repeated, outOfOrder }: Measurement): boolean {
  return acknowledged >= commands && missing === 0 && repeated === 0 && outOfOrder === 0;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: sorted[sorted.length >> 1] ?? Number.NaN,
    lowest: sorted[0] ?? Number.NaN,
    highest: sorted.at(-1) ?? Number.NaN,
  };
}
