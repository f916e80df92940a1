import type { BenchmarkResult } from './benchmark.js';

/** The parts of a benchmark as one. */
export function mergeResults(results: readonly BenchmarkResult[]): BenchmarkResult {
  return {
    settings: Object.assign({}, ...results.map(({ settings }) => settings)),
    notes: results.flatMap(({ notes }) => notes),
    figures: results.flatMap(({ figures }) => figures),
    verdicts: results.flatMap(({ verdicts }) => verdicts),
    measurements: results.flatMap(({ measurements }) => measurements),
    failures: results.flatMap(({ failures }) => failures),
  };
}
