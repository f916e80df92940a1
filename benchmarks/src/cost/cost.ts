import { type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { choose } from '../choose.js';
import { inRound } from '../in-round.js';
import { spreadOf } from '../spread.js';
import { compareWithCalibration } from './compare-with-calibration.js';
import { compareWithCheckout } from './compare-with-checkout.js';
import type { Comparison, CostSample } from './comparison.js';
import { readCostRatios, writeCostRatios } from './cost-ratios.js';
import { type WorkloadName, workloads } from './workloads/workloads.js';

export interface CostOptions extends Pick<BenchmarkOptions, 'quick' | 'only' | 'say'> {
  /** A built checkout to compare with. Default: the calibration. */
  readonly against: string | undefined;
  /** The highest ratio allowed: to the other checkout, or to the recorded ratio. Default 1.03 and {@link tolerance}. */
  readonly atMost: number | undefined;
  /** Records the ratios to the calibration, which later runs are compared with. */
  readonly record: boolean;
}

/**
 * Measured: on two busy cores the ratio of one workload to the calibration moved by 22 % within half an hour, because other
 * programs slow them by different amounts. A smaller rise shows with `--against` only.
 */
const tolerance = 1.25;
const defaultAtMost = 1.03;
/** A workload above its bound is measured again so often, and all that was measured counts. */
const maxPasses = 3;

const allNames = Object.keys(workloads) as readonly WorkloadName[];
const quickNames = allNames.filter((name) => !name.includes('1000 bytes'));

/** CPU time per command of push, delivery and codec, without Kafka. */
export async function measureCost(options: CostOptions): Promise<BenchmarkResult> {
  const { quick, only, against, atMost, record } = options;
  const names = only === undefined ? (quick ? quickNames : allNames) : choose(allNames, only, (name) => name);
  const comparison =
    against === undefined
      ? compareWithCalibration(record ? {} : await readCostRatios(), atMost ?? tolerance)
      : compareWithCheckout(against, atMost ?? defaultAtMost);
  const samples = await measureAll(names, comparison, options);
  const figures = names.map((name) => ({
    name,
    unit: 'µs of CPU per command' as const,
    spread: spreadOf(samplesOf(samples, name).map(({ cpuMicros }) => cpuMicros)),
  }));
  const ratios = names.map((name) => ({ name, spread: ratioOf(samples, name) }));
  if (record)
    await writeCostRatios(Object.fromEntries(ratios.map(({ name, spread }) => [name, spread.median])));
  return {
    ...emptyResult,
    notes: comparison.notes,
    figures,
    verdicts: ratios.map(({ name, spread }) => {
      const bound = comparison.atMost(name);
      return {
        name: `${name} / ${comparison.name}`,
        spread,
        ...(bound !== undefined && { target: { atMost: bound } }),
      };
    }),
    measurements: [...samples].flatMap(([workload, taken]) =>
      taken.map((sample) => ({ workload, ...sample })),
    ),
    failures: names
      .filter((name) => isAbove(samples, name, comparison))
      .map((name) => {
        const { median } = ratioOf(samples, name);
        return `${name}: its cost is ${median.toFixed(3)} of ${comparison.name}, at most ${comparison.atMost(name)?.toFixed(3)} is allowed`;
      }),
  };
}

type Samples = ReadonlyMap<WorkloadName, CostSample[]>;

async function measureAll(
  names: readonly WorkloadName[],
  comparison: Comparison,
  { quick, say }: CostOptions,
): Promise<Samples> {
  const samples: Samples = new Map(names.map((name) => [name, []]));
  const turns = quick ? { warmUp: 20, measured: 10 } : { warmUp: 30, measured: 20 };
  const rounds = quick ? 3 : 7;
  for (let pass = 1; pass <= maxPasses; pass++) {
    const open = names.filter((name) => pass === 1 || isAbove(samples, name, comparison));
    for (let round = 1; round <= rounds; round++) {
      for (const name of inRound(round, open)) {
        const sample = await comparison.measure(name, turns);
        samplesOf(samples, name).push(sample);
        say(`${name}: ${sample.cpuMicros.toFixed(2)} µs, ${sample.ratio.toFixed(3)} of ${comparison.name}`);
      }
    }
  }
  return samples;
}

function samplesOf(samples: Samples, name: WorkloadName): CostSample[] {
  return samples.get(name) ?? [];
}

function ratioOf(samples: Samples, name: WorkloadName) {
  return spreadOf(samplesOf(samples, name).map(({ ratio }) => ratio));
}

function isAbove(samples: Samples, name: WorkloadName, comparison: Comparison): boolean {
  return ratioOf(samples, name).median > (comparison.atMost(name) ?? Number.POSITIVE_INFINITY);
}
