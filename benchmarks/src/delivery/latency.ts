import { setTimeout as pause } from 'node:timers/promises';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { createPusherService } from '@preservarium/publisher';
import {
  type BenchmarkOptions,
  type BenchmarkResult,
  emptyResult,
  type Figure,
  type Verdict,
} from '../benchmark.js';
import { quantileOf } from '../quantile-of.js';
import { spreadOf } from '../spread.js';
import { type Audit, describeAudit, isFaultless } from './audit.js';
import type { Contestant } from './contestant.js';
import { startRun } from './run.js';
import type { Scene } from './scene.js';

interface Measurement extends Audit {
  readonly contestant: string;
  readonly round: number;
  readonly commands: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const byHand = 'byHand.kafkajs-mqttjs';
const target = { atMost: 5 };
const warmUpCommands = 50;
/** Long enough for everything to be idle again. */
const betweenCommandsMs = 10;

/** From the call of a push until the device has the command, one command at a time. */
export async function measureLatency(
  scene: Scene,
  contestants: readonly Contestant[],
  { rounds, quick, say }: BenchmarkOptions,
): Promise<BenchmarkResult> {
  const measurements: Measurement[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of contestants) {
      const measurement = { round, ...(await measure(scene, contestant, quick ? 100 : 500)) };
      say(describe(measurement));
      measurements.push(measurement);
    }
  }
  const ours = contestants.map(({ name }) => name).filter((name) => name !== byHand);
  return {
    ...emptyResult,
    figures: contestants.flatMap(({ name }) => figuresOf(name, measurements)),
    verdicts: ours.map((name) => verdictOn(name, measurements)),
    measurements,
    failures: measurements.filter((measurement) => !isFaultless(measurement)).map(describe),
  };
}

async function measure(
  scene: Scene,
  contestant: Contestant,
  commands: number,
): Promise<Omit<Measurement, 'round'>> {
  await using run = await startRun(contestant, scene);
  const backend = createRdkafkaBackend({ brokers: scene.kafka.brokers });
  await using pusher = createPusherService({ backend, commandTopic: run.topic });
  const latenciesMs: number[] = [];
  for (let pushed = 0; pushed < warmUpCommands + commands; pushed++) {
    const latencyMs = await run.pushOne(pusher);
    if (pushed >= warmUpCommands) latenciesMs.push(latencyMs);
    await pause(betweenCommandsMs);
  }
  const { audit } = await run.end();
  const p50Ms = quantileOf(latenciesMs, 0.5);
  const p99Ms = quantileOf(latenciesMs, 0.99);
  return { contestant: contestant.name, commands, p50Ms, p99Ms, ...audit };
}

function describe({ contestant, round, p50Ms, p99Ms, ...audit }: Measurement): string {
  return `round ${round}, ${contestant}: p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms${describeAudit(audit)}`;
}

function figuresOf(name: string, measurements: readonly Measurement[]): Figure[] {
  const own = measurements.filter(({ contestant }) => contestant === name);
  return [
    { name, unit: 'p50 ms', spread: spreadOf(own.map(({ p50Ms }) => p50Ms)) },
    { name, unit: 'p99 ms', spread: spreadOf(own.map(({ p99Ms }) => p99Ms)) },
  ];
}

function verdictOn(ours: string, measurements: readonly Measurement[]): Verdict {
  const mediansOf = (name: string) =>
    measurements.filter(({ contestant }) => contestant === name).map(({ p50Ms }) => p50Ms);
  const theirs = mediansOf(byHand);
  const addedMs = mediansOf(ours).map((p50Ms, round) => p50Ms - (theirs[round] ?? Number.NaN));
  return { name: `${ours} p50 - ${byHand} p50`, unit: 'ms', spread: spreadOf(addedMs), target };
}
