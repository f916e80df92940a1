import type { Benchmark, BenchmarkOptions, BenchmarkResult, Figure, Verdict } from '../benchmark.js';
import { compare, type Measurement } from './compare.js';
import { comparisons } from './comparisons.js';
import { isComplete, summarize } from './summarize.js';

/** From the application to Kafka. */
export const push: Benchmark = { name: 'push', run };

async function run({ kafka, rounds, quick, say }: BenchmarkOptions): Promise<BenchmarkResult> {
  const figures: Figure[] = [];
  const verdicts: Verdict[] = [];
  const measurements: Measurement[] = [];
  const onMeasurement = (measurement: Measurement) => say(describe(measurement));
  for (const comparison of comparisons) {
    const commands = quick ? comparison.quickCommands : comparison.commands;
    const measured = await compare(comparison, { kafka, rounds, commands, onMeasurement });
    const summary = summarize(comparison, measured);
    measurements.push(...measured);
    figures.push(...summary.figures);
    verdicts.push(summary.verdict);
  }
  return { figures, verdicts, measurements, verified: measurements.every(isComplete) };
}

function describe(measurement: Measurement): string {
  const { contestant, round, perSecond, missing, repeated, outOfOrder } = measurement;
  const speed = `${Math.round(perSecond).toLocaleString('en')} commands/s`;
  const fault = isComplete(measurement)
    ? ''
    : `; ${missing} missing, ${repeated} repeated, ${outOfOrder} out of order`;
  return `round ${round}, ${contestant}: ${speed}${fault}`;
}
