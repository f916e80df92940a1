import { fileURLToPath } from 'node:url';
import { type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { choose } from '../choose.js';
import { spreadOf } from '../spread.js';
import { buildBaseCheckout } from './base-checkout.js';
import { findBaseCommit } from './base-commit.js';
import { compareVerbatim, verbatimNames } from './compare-verbatim.js';
import { compareWithCalibration } from './compare-with-calibration.js';
import { compareWithCheckout } from './compare-with-checkout.js';
import type { Comparison } from './comparison.js';
import { readCostRatios, writeCostRatios } from './cost-ratios.js';
import { measurePasses } from './measure-passes.js';
import { type WorkloadName, workloads } from './workloads/workloads.js';

export interface CostOptions extends Pick<BenchmarkOptions, 'quick' | 'only' | 'say'> {
  /** A built checkout to compare with. Default: the calibration. */
  readonly against: string | undefined;
  /** Compares with the commit where the work of this checkout began, in place of `against`. */
  readonly againstBase: boolean;
  /** Compares payloads that are carried as text with payloads that are written anew, in place of `against`. */
  readonly verbatim: boolean;
  /** The highest ratio allowed: to the other checkout, to payloads written anew, or to the recorded ratio. Default 1.03, 1.05 and {@link tolerance}. */
  readonly atMost: number | undefined;
  /** Records the ratios to the calibration, which later runs are compared with. */
  readonly record: boolean;
}

/**
 * How many times a recorded ratio is allowed. Other programs slow a workload and the calibration by different amounts: in one run on
 * two busy cores, a ratio moved by 22 % within half an hour. That is an observation, no bound: a busier machine may exceed it. So
 * this finds large rises only; `against` and `againstBase` find small ones.
 */
const tolerance = 1.25;
const defaultAtMost = 1.03;
const defaultVerbatimAtMost = 1.05;
/** Of `quick`, with the build of the base: CI waits for it. */
const quickLimitMinutes = 4;

const root = fileURLToPath(new URL('../..', import.meta.url));
const allNames = Object.keys(workloads) as readonly WorkloadName[];

/** CPU time per command of push, delivery and codec, without Kafka. */
export async function measureCost(options: CostOptions): Promise<BenchmarkResult> {
  const { against, againstBase, verbatim, atMost, record, quick, say } = options;
  const lateAtMs = quick ? performance.now() + quickLimitMinutes * 60_000 : Number.POSITIVE_INFINITY;
  if (verbatim)
    return compare(compareVerbatim(atMost ?? defaultVerbatimAtMost), options, lateAtMs, verbatimNames);
  if (!againstBase) {
    const comparison =
      against === undefined
        ? compareWithCalibration(record ? {} : await readCostRatios(), atMost ?? tolerance)
        : compareWithCheckout(against, atMost ?? defaultAtMost);
    return compare(comparison, options, lateAtMs);
  }
  const base = await findBaseCommit(root);
  if (base.kind === 'none') return { ...emptyResult, notes: [`the cost was not compared: ${base.reason}`] };
  const name = `commit ${base.commit.slice(0, 12)}`;
  say(`building ${name}`);
  await using checkout = await buildBaseCheckout(root, base.commit);
  const comparison = compareWithCheckout(checkout.folder, atMost ?? defaultAtMost, name);
  return await compare(comparison, options, lateAtMs);
}

async function compare(
  comparison: Comparison,
  { quick, only, record, say }: CostOptions,
  lateAtMs: number,
  possible = allNames,
): Promise<BenchmarkResult> {
  const usual = quick ? possible.filter((name) => !name.includes('1000 bytes')) : possible;
  const names = only === undefined ? usual : choose(possible, only, (name) => name);
  const costs = await measurePasses(names, comparison, {
    rounds: quick ? 3 : 7,
    turns: quick ? { warmUp: 20, measured: 10 } : { warmUp: 30, measured: 20 },
    isLate: () => performance.now() > lateAtMs,
    say,
  });
  const missing = costs.filter(({ isMeasured }) => !isMeasured).map(({ name }) => name);
  if (record) await writeCostRatios(Object.fromEntries(costs.map(({ name, ratio }) => [name, ratio.median])));
  return {
    ...emptyResult,
    notes: comparison.notes,
    figures: costs.map(({ name, samples }) => ({
      name,
      unit: 'µs of CPU per command' as const,
      spread: spreadOf(samples.map(({ cpuMicros }) => cpuMicros)),
    })),
    verdicts: costs.map(({ name, ratio, bound }) => ({
      name: `${name} / ${comparison.name}`,
      spread: ratio,
      ...(bound !== undefined && { target: { atMost: bound } }),
    })),
    measurements: costs.flatMap(({ name, samples }) =>
      samples.map((sample) => ({ workload: name, ...sample })),
    ),
    failures: [
      ...costs
        .filter(({ isMeasured, isAbove }) => isMeasured && isAbove)
        .map(
          ({ name, ratio, bound }) =>
            `${name}: its cost is ${ratio.median.toFixed(3)} of ${comparison.name}, at most ${bound?.toFixed(3)} is allowed`,
        ),
      ...(missing.length === 0 ? [] : [notMeasured(missing)]),
    ],
  };
}

function notMeasured(names: readonly string[]): string {
  return (
    `the ${quickLimitMinutes} minutes of --quick were over before ${names.join(', ')} had been measured: the machine is too busy, or a workload ` +
    'takes several times as long as before; run it again without other programs, or measure some workloads alone (--only)'
  );
}
