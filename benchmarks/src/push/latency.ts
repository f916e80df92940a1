import type { KafkaCluster } from '@preservarium/dev-services';
import {
  type BenchmarkOptions,
  type BenchmarkResult,
  emptyResult,
  type Figure,
  type Verdict,
} from '../benchmark.js';
import { spreadOf } from '../spread.js';
import { openTestTopic } from '../test-topic.js';
import { startWay } from './node-contestant.js';
import { isFaultless, type Verification, verify } from './verify.js';
import { type WayName, ways } from './ways/ways.js';

interface Contestant {
  readonly name: string;
  readonly way: WayName;
}

interface Measurement extends Verification {
  readonly contestant: string;
  readonly round: number;
  readonly commands: number;
  readonly perSecond?: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly unacknowledged: number;
}

const contestants: readonly Contestant[] = [
  { name: 'rdkafka.latency', way: 'rdkafka.pushCommand' },
  { name: 'node-rdkafka.bestPolling', way: 'node-rdkafka.promiseEach' },
  { name: 'kafkajs.latency', way: 'kafkajs.pushCommand' },
  { name: 'kafkajs.send', way: 'kafkajs.sendEach' },
];

/** Of the medians, where nothing else is in flight. */
const ratios = [
  { ours: 'rdkafka.latency', theirs: 'node-rdkafka.bestPolling' },
  { ours: 'kafkajs.latency', theirs: 'kafkajs.send' },
];
const target = { atMost: 1.3 };

const warmUpCommands = 200;
const loadPerSecond = 1_000;

/** From the call of a push until it is acknowledged: one at a time, and at 1,000 a second. */
export async function measureLatency(options: BenchmarkOptions): Promise<BenchmarkResult> {
  const { kafka, rounds, quick, say } = options;
  const measurements: Measurement[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of contestants) {
      for (const measured of await measure(kafka, contestant, quick ? 300 : 5_000)) {
        const measurement = { contestant: contestant.name, round, ...measured };
        say(describe(measurement));
        measurements.push(measurement);
      }
    }
  }
  return {
    ...emptyResult,
    settings: Object.fromEntries(contestants.map(({ name, way }) => [name, ways[way].settings])),
    figures: contestants.flatMap(({ name }) => [
      ...figuresOf(name, measurements),
      ...figuresOf(name, measurements, loadPerSecond),
    ]),
    verdicts: ratios.map((ratio) => verdictOn(ratio, measurements)),
    measurements,
    failures: measurements.filter((measurement) => !isComplete(measurement)).map(describe),
  };
}

async function measure(
  kafka: KafkaCluster,
  { way }: Contestant,
  count: number,
): Promise<readonly Omit<Measurement, 'contestant' | 'round'>[]> {
  await using topic = await openTestTopic(kafka);
  await using program = startWay(way, { brokers: kafka.brokers, topic: topic.name, inFlight: 1 });
  const warmUp = { first: 0, count: warmUpCommands };
  const idle = { first: warmUpCommands, count };
  const loaded = { first: warmUpCommands + count, count };
  const answers = [
    await program.ask({ kind: 'latency', commands: warmUp }),
    await program.ask({ kind: 'latency', commands: idle }),
    await program.ask({ kind: 'latency', commands: loaded, perSecond: loadPerSecond }),
  ] as const;
  await program.ask({ kind: 'close' });
  const verification = await verify(kafka, topic.name, loaded.first + count, 'commands');
  const shared = {
    commands: count,
    unacknowledged: answers.flatMap(({ unacknowledged }) => unacknowledged).length,
    ...verification,
  };
  const quantilesOf = ({ p50Ms = Number.NaN, p99Ms = Number.NaN }) => ({ p50Ms, p99Ms });
  return [
    { ...shared, ...quantilesOf(answers[1]) },
    { ...shared, ...quantilesOf(answers[2]), perSecond: loadPerSecond },
  ];
}

function isComplete({ unacknowledged, ...verification }: Measurement): boolean {
  return unacknowledged === 0 && isFaultless(verification);
}

function describe(measurement: Measurement): string {
  const { contestant, round, perSecond, p50Ms, p99Ms } = measurement;
  const load = perSecond === undefined ? 'one at a time' : `at ${perSecond}/s`;
  const speed = `round ${round}, ${contestant} ${load}: p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;
  if (isComplete(measurement)) return speed;
  const { unacknowledged, missing, repeated, outOfOrder } = measurement;
  return `${speed}; ${unacknowledged} not acknowledged, ${missing} missing, ${repeated} repeated, ${outOfOrder} out of order`;
}

function figuresOf(contestant: string, measurements: readonly Measurement[], perSecond?: number): Figure[] {
  const own = measurements.filter((measurement) => {
    return measurement.contestant === contestant && measurement.perSecond === perSecond;
  });
  const name = perSecond === undefined ? contestant : `${contestant} at ${perSecond}/s`;
  return [
    { name, unit: 'p50 ms', spread: spreadOf(own.map(({ p50Ms }) => p50Ms)) },
    { name, unit: 'p99 ms', spread: spreadOf(own.map(({ p99Ms }) => p99Ms)) },
  ];
}

function verdictOn({ ours, theirs }: (typeof ratios)[number], measurements: readonly Measurement[]): Verdict {
  const mediansOf = (name: string) =>
    measurements
      .filter(({ contestant, perSecond }) => contestant === name && perSecond === undefined)
      .map(({ p50Ms }) => p50Ms);
  const theirMedians = mediansOf(theirs);
  const values = mediansOf(ours).map((p50Ms, round) => p50Ms / (theirMedians[round] ?? Number.NaN));
  return { name: `${ours}.p50 / ${theirs}.p50`, spread: spreadOf(values), target };
}
