import {
  type BenchmarkOptions,
  type BenchmarkResult,
  emptyResult,
  type Figure,
  type Target,
  type Verdict,
} from '../benchmark.js';
import { inRound } from '../in-round.js';
import { spreadOf } from '../spread.js';
import { type Audit, describeAudit, isFaultless } from './audit.js';
import type { Contestant } from './contestant.js';
import { startRun } from './run.js';
import type { Scene } from './scene.js';

interface Measurement extends Audit {
  readonly contestant: string;
  readonly round: number;
  readonly commands: number;
  readonly elapsedMs: number;
  readonly perSecond: number;
  /** Of the contestant's process, on all cores, also for what it has to do after the last command arrived. */
  readonly cpuMicrosPerCommand: number;
}

interface Pair {
  readonly ours: string;
  readonly theirs: string;
  readonly target?: Target;
}

const byHand = 'byHand.kafkajs-mqttjs';

const pairs: readonly Pair[] = [
  { ours: 'connector.rdkafka+events', theirs: byHand, target: { atLeast: 0.7 } },
  { ours: 'connector.rdkafka', theirs: byHand, target: { atLeast: 1 } },
  { ours: 'connector.kafkajs+events', theirs: byHand },
  { ours: 'connector.kafkajs', theirs: byHand },
  { ours: 'connector.rdkafka+events', theirs: 'camel.kafka-paho5' },
  {
    ours: 'connector.rdkafka+events+deadDevice',
    theirs: 'connector.rdkafka+events',
    target: { atLeast: 0.95 },
  },
];

/** Delivered before the clock starts: by then it has joined its group, and its code is compiled. */
const warmUpShare = 0.25;

/** From commands in Kafka to commands at the devices. All contestants in turn, round after round, each time started anew. */
export async function measureThroughput(
  scene: Scene,
  contestants: readonly Contestant[],
  { rounds, quick, say }: BenchmarkOptions,
): Promise<BenchmarkResult> {
  const measurements: Measurement[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of inRound(round, contestants)) {
      const measurement = { round, ...(await measure(scene, contestant, quick ? 5_000 : 50_000)) };
      say(describe(measurement));
      measurements.push(measurement);
    }
  }
  return {
    ...emptyResult,
    figures: contestants.flatMap(({ name }) => figuresOf(name, measurements)),
    verdicts: pairs.flatMap((pair) => verdictOn(pair, measurements) ?? []),
    measurements,
    failures: measurements.filter((measurement) => !isFaultless(measurement)).map(describe),
  };
}

async function measure(
  scene: Scene,
  contestant: Contestant,
  count: number,
): Promise<Omit<Measurement, 'round'>> {
  await using run = await startRun(contestant, scene);
  await run.deliver(count * warmUpShare);
  const { commands, elapsedMs, usageBefore } = await run.deliver(count);
  const { usage, audit } = await run.end();
  return {
    contestant: contestant.name,
    commands,
    elapsedMs,
    perSecond: (commands / elapsedMs) * 1_000,
    cpuMicrosPerCommand: ((usage.cpuMs - usageBefore.cpuMs) / commands) * 1_000,
    ...audit,
  };
}

function describe({ contestant, round, perSecond, cpuMicrosPerCommand, ...audit }: Measurement): string {
  const speed = `${Math.round(perSecond).toLocaleString('en')} commands/s`;
  return `round ${round}, ${contestant}: ${speed}, ${cpuMicrosPerCommand.toFixed(1)} µs of CPU per command${describeAudit(audit)}`;
}

function figuresOf(name: string, measurements: readonly Measurement[]): Figure[] {
  const own = measurements.filter(({ contestant }) => contestant === name);
  return [
    { name, unit: 'commands/s', spread: spreadOf(own.map(({ perSecond }) => perSecond)) },
    {
      name,
      unit: 'µs of CPU per command',
      spread: spreadOf(own.map(({ cpuMicrosPerCommand }) => cpuMicrosPerCommand)),
    },
  ];
}

function verdictOn(
  { ours, theirs, target }: Pair,
  measurements: readonly Measurement[],
): Verdict | undefined {
  const speedsOf = (name: string) =>
    measurements.filter(({ contestant }) => contestant === name).map(({ perSecond }) => perSecond);
  const theirSpeeds = speedsOf(theirs);
  const ourSpeeds = speedsOf(ours);
  if (ourSpeeds.length === 0 || theirSpeeds.length === 0) return undefined;
  const ratios = ourSpeeds.map((speed, round) => speed / (theirSpeeds[round] ?? Number.NaN));
  return { name: `${ours} / ${theirs}`, spread: spreadOf(ratios), ...(target && { target }) };
}
