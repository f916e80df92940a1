import { inRound } from '../in-round.js';
import { type Spread, spreadOf } from '../spread.js';
import type { Comparison, CostSample, CostTurns } from './comparison.js';
import type { WorkloadName } from './workloads/workloads.js';

/** A workload above its bound is measured again so often, and all that was measured counts. */
const maxPasses = 3;

export interface PassOptions {
  /** Samples of each workload in a pass. */
  readonly rounds: number;
  readonly turns: CostTurns;
  /** Returns true when the time is over: no further sample begins. */
  isLate(): boolean;
  /** Reports progress to the user. */
  say(line: string): void;
}

/** The samples of one workload, and the judgement of them. */
export interface MeasuredCost {
  readonly name: WorkloadName;
  readonly samples: readonly CostSample[];
  /** The ratios of the samples. */
  readonly ratio: Spread;
  /** The highest ratio allowed; `undefined` if none is known. */
  readonly bound: number | undefined;
  /** False if the time was over before its first pass was. */
  readonly isMeasured: boolean;
  /** True if the median of the ratios is above the bound. */
  readonly isAbove: boolean;
}

/**
 * Measures each workload in rounds, there and back, and takes the median of its ratios. A busy moment of the machine spoils samples of
 * one pass: a workload above its bound is measured in up to two passes more, as long as there is time, and is too costly only if the median of all samples is.
 */
export async function measurePasses(
  names: readonly WorkloadName[],
  comparison: Comparison,
  { rounds, turns, isLate, say }: PassOptions,
): Promise<readonly MeasuredCost[]> {
  const samples = new Map<WorkloadName, CostSample[]>(names.map((name) => [name, []]));

  function measured(name: WorkloadName): MeasuredCost {
    const taken = samples.get(name) ?? [];
    const ratio = spreadOf(taken.map((sample) => sample.ratio));
    const bound = comparison.atMost(name);
    return {
      name,
      samples: taken,
      ratio,
      bound,
      isMeasured: taken.length >= rounds,
      isAbove: ratio.median > (bound ?? Number.POSITIVE_INFINITY),
    };
  }

  for (let pass = 1; pass <= maxPasses; pass++) {
    const open = names.filter((name) => pass === 1 || measured(name).isAbove);
    for (let round = 1; round <= rounds; round++) {
      for (const name of inRound(round, open)) {
        if (isLate()) return names.map(measured);
        const sample = await comparison.measure(name, turns);
        samples.get(name)?.push(sample);
        say(`${name}: ${sample.cpuMicros.toFixed(2)} µs, ${sample.ratio.toFixed(3)} of ${comparison.name}`);
      }
    }
  }
  return names.map(measured);
}
