import { type Benchmark, type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { choose } from '../choose.js';
import { findContestants } from '../find-contestants.js';
import { mergeResults } from '../merge-results.js';
import {
  awaitedEntrants,
  awaitedRatios,
  bulkEntrants,
  bulkRatios,
  moreAwaitedEntrants,
  stageEntrants,
} from './entrants.js';
import { measureIdle } from './idle.js';
import { measureLatency } from './latency.js';
import { measureMemory } from './memory.js';
import { javaPerformance } from './programs/java-performance.js';
import { pythonCommands } from './programs/python-commands.js';
import { rdkafkaPerformance } from './programs/rdkafka-performance.js';
import { measureThroughput } from './throughput.js';

const leftOutOfQuick =
  'a quick run has one round, without Java, Python, stages, commands of 1,000 bytes and pushes of 5,000,000';

const programs = {
  'c.rdkafka_performance': rdkafkaPerformance,
  'java.ProducerPerformance': javaPerformance,
  'python.confluentKafka': pythonCommands,
};

/** For `--only`: what is measured beside the throughput of the contestants. */
const memory = 'rss';

/** From the application to Kafka. */
export const push: Benchmark = { name: 'push', run };

async function run(options: BenchmarkOptions): Promise<BenchmarkResult> {
  if (options.only !== undefined) return mergeResults(await runOnly(options.only, options));
  return mergeResults(options.quick ? await runQuick(options) : await runFull(options));
}

async function runQuick(options: BenchmarkOptions): Promise<readonly BenchmarkResult[]> {
  const { contestants, notes } = await findContestants({ 'c.rdkafka_performance': rdkafkaPerformance });
  const bulk = await measureThroughput(
    bulkEntrants(contestants),
    { bytes: 300, ratios: bulkRatios },
    options,
  );
  return [
    bulk,
    await measureThroughput(awaitedEntrants, { bytes: 300, ratios: awaitedRatios }, options),
    await measureLatency(options),
    await measureIdle(options),
    { ...emptyResult, notes: [...notes, leftOutOfQuick] },
  ];
}

async function runOnly(
  only: readonly string[],
  options: BenchmarkOptions,
): Promise<readonly BenchmarkResult[]> {
  const { contestants, notes } = await findContestants(programs);
  const bulk = bulkEntrants(contestants);
  const entrants = [...bulk, ...awaitedEntrants, ...moreAwaitedEntrants, ...stageEntrants];
  const names = [...entrants.map(({ contestant }) => contestant.name), memory];
  const chosen = choose(names, only, (name) => name);
  const pushing = entrants.filter(({ contestant }) => chosen.includes(contestant.name));
  const ratios = [...bulkRatios, ...awaitedRatios];
  const results = [await measureThroughput(pushing, { bytes: 300, ratios }, options)];
  if (chosen.includes(memory)) results.push(await measureMemory(options));
  return [...results, { ...emptyResult, notes }];
}

async function runFull(options: BenchmarkOptions): Promise<readonly BenchmarkResult[]> {
  const { contestants, notes } = await findContestants(programs);
  const entrants = bulkEntrants(contestants);
  return [
    await measureThroughput(entrants, { bytes: 300, ratios: bulkRatios }, options),
    await measureThroughput(entrants, { bytes: 1_000, ratios: bulkRatios.map(withoutTarget) }, options),
    await measureThroughput(
      [...awaitedEntrants, ...moreAwaitedEntrants],
      { bytes: 300, ratios: awaitedRatios },
      options,
    ),
    await measureLatency(options),
    await measureThroughput(stageEntrants, { bytes: 300, ratios: [] }, options),
    await measureMemory(options),
    await measureIdle(options),
    { ...emptyResult, notes },
  ];
}

function withoutTarget({ ours, theirs }: { readonly ours: string; readonly theirs: string }) {
  return { ours, theirs };
}
