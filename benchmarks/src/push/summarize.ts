import type { Figure, Verdict } from '../benchmark.js';
import { spreadOf } from '../spread.js';
import type { Measurement } from './compare.js';
import type { Comparison } from './comparisons.js';

export interface Summary {
  readonly figures: readonly Figure[];
  readonly verdict: Verdict;
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
    figures: [
      { name: ours.name, unit: 'commands/s', spread: spreadOf(oursPerSecond) },
      { name: byHand.name, unit: 'commands/s', spread: spreadOf(byHandPerSecond) },
    ],
    verdict: {
      name: `${ours.name} / ${byHand.name}`,
      spread: spreadOf(oursPerSecond.map((speed, round) => speed / (byHandPerSecond[round] ?? Number.NaN))),
      target: { atLeast: target },
    },
  };
}

/** Every command was acknowledged, and is in the topic once and in order. */
export function isComplete({ acknowledged, commands, missing, repeated, outOfOrder }: Measurement): boolean {
  return acknowledged >= commands && missing === 0 && repeated === 0 && outOfOrder === 0;
}
