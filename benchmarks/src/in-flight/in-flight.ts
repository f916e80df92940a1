import { type Benchmark, type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { findContestants } from '../find-contestants.js';
import { mergeResults } from '../merge-results.js';
import { renderPlots, type Series } from '../plot/line-plot.js';
import { nodeContestant } from '../push/node-contestant.js';
import { javaPerformance } from '../push/programs/java-performance.js';
import { pythonCommands } from '../push/programs/python-commands.js';
import { rdkafkaPerformance } from '../push/programs/rdkafka-performance.js';
import { type Entrant, measureThroughput } from '../push/throughput.js';

/** How many commands a second, by how many are in flight. */
export const inFlight: Benchmark = { name: 'in-flight', run };

const ours = [
  'rdkafka.pushCommands',
  'rdkafka.pushCommand',
  'kafkajs.pushCommands',
  'kafkajs.pushCommand',
] as const;
const byHand = [
  'node-rdkafka.deliveryReport',
  'node-rdkafka.promiseEach',
  'platformatic.sendBatch',
  'kafkajs.sendBatch',
  'kafkajs.sendEach',
] as const;

const levels = [
  { inFlight: 1, count: 2_000 },
  { inFlight: 10, count: 10_000 },
  { inFlight: 100, count: 50_000 },
  { inFlight: 1_000, count: 100_000 },
  { inFlight: 10_000, count: 200_000 },
];
/** It reaches its best early, and would need minutes for more. */
const slowest = 'kafkajs.sendEach';
const mostOfSlowest = 20_000;
const quickShare = 0.02;

async function run(options: BenchmarkOptions): Promise<BenchmarkResult> {
  const results: BenchmarkResult[] = [];
  for (const level of levels) {
    const { entrants, notes } = await entrantsOf(level);
    results.push(await measureThroughput(entrants, { bytes: 300, ratios: [] }, options), {
      ...emptyResult,
      notes,
    });
  }
  const java = await findContestants({ 'java.ProducerPerformance': javaPerformance });
  const javaEntrants = java.contestants.map((contestant) => entrantOf(contestant, 400_000));
  results.push(await measureThroughput(javaEntrants, { bytes: 300, ratios: [] }, options), {
    ...emptyResult,
    notes: java.notes,
  });
  const merged = mergeResults(results);
  return { ...merged, notes: [...new Set(merged.notes)], plot: plotOf(merged) };
}

async function entrantsOf(level: (typeof levels)[number]) {
  const { contestants, notes } = await findContestants({
    'c.rdkafka_performance': () => rdkafkaPerformance(level.inFlight),
    'python.confluentKafka': () => pythonCommands(level.inFlight),
  });
  const ways = [...ours, ...byHand].map((way) =>
    entrantOf(
      nodeContestant(way, { inFlight: level.inFlight }),
      way === slowest ? Math.min(level.count, mostOfSlowest) : level.count,
    ),
  );
  return {
    entrants: [...ways, ...contestants.map((contestant) => entrantOf(contestant, level.count))],
    notes,
  };
}

function entrantOf(contestant: Entrant['contestant'], count: number): Entrant {
  return { contestant, count, quickCount: Math.max(100, count * quickShare) };
}

/** Java's tool bounds bytes and not records: it has one figure, drawn as a level line. */
function plotOf({ figures }: BenchmarkResult): string {
  const series = new Map<string, [number, number][]>();
  for (const { name, unit, spread } of figures) {
    if (unit !== 'commands/s') continue;
    const [way = name, level] = name.split('@');
    const points = series.get(way) ?? [];
    series.set(way, points);
    const places = level === undefined ? [1, 10_000] : [Number(level)];
    points.push(...places.map((place): [number, number] => [place, spread.median]));
  }
  return renderPlots([
    {
      title: 'Throughput by commands in flight, 300 bytes, acks=all, idempotent',
      x: { label: 'commands in flight', scale: 'log' },
      y: { label: 'commands/s', scale: 'log' },
      series: [...series].map(
        ([name, points]): Series => ({ name, points, bold: ours.some((way) => way === name) }),
      ),
    },
  ]);
}
