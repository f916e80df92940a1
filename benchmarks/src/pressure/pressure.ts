import type { Benchmark, BenchmarkOptions, BenchmarkResult } from '../benchmark.js';
import { mergeResults } from '../merge-results.js';
import { measureFlood } from './measure-flood.js';
import { measureOutage } from './measure-outage.js';
import { frozen, throttled } from './outage.js';

/** More than the brokers take: pushes that nobody awaits, and brokers that stand still. Needs Kafka on Java. */
export const pressure: Benchmark = { name: 'pressure', run };

async function run(options: BenchmarkOptions): Promise<BenchmarkResult> {
  const results: BenchmarkResult[] = [];
  for (const backend of ['rdkafka', 'kafkajs'] as const) {
    results.push(await measureFlood(backend, options));
    results.push(await measureOutage(backend, frozen, options));
    results.push(await measureOutage(backend, throttled, options));
  }
  return mergeResults(results);
}
