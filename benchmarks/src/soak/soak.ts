import type { Benchmark, BenchmarkOptions, BenchmarkResult } from '../benchmark.js';
import { mergeResults } from '../merge-results.js';
import { renderPlots } from '../plot/line-plot.js';
import { measureLongRuns } from './long-run.js';
import { measureSteadyLoad } from './steady.js';

/** A steady load for a long time, and many commands: whether latency and memory stay as they are. */
export const soak: Benchmark = { name: 'soak', run };

async function run(options: BenchmarkOptions): Promise<BenchmarkResult> {
  const steady = await measureSteadyLoad(options);
  const long = await measureLongRuns(options);
  return {
    ...mergeResults([steady.result, long.result]),
    plot: renderPlots([...steady.plots, ...long.plots]),
  };
}
