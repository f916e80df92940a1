import { BackendUnavailableError } from '@preservarium/core';
import type { KafkaCluster } from '@preservarium/dev-services';
import {
  type BenchmarkOptions,
  type BenchmarkResult,
  emptyResult,
  type Figure,
  type Target,
  type Unit,
  type Verdict,
} from '../benchmark.js';
import { inRound } from '../in-round.js';
import type { CommandBytes } from '../numbered-command.js';
import { spreadOf } from '../spread.js';
import { openTestTopic } from '../test-topic.js';
import type { Contestant, Pushed, PushTask } from './contestant.js';
import { isFaultless, type Verification, verify } from './verify.js';

export interface Entrant {
  readonly contestant: Contestant;
  readonly count: number;
  readonly quickCount: number;
}

/** How many times as fast the one is. A ratio of contestants that are not there is left out. */
export interface Ratio {
  readonly ours: string;
  readonly theirs: string;
  readonly target?: Target;
}

export interface ThroughputMeasurement extends Partial<Pushed & Verification> {
  readonly contestant: string;
  readonly round: number;
  readonly commands: number;
  readonly bytes: CommandBytes;
  /** Why there is nothing to say of its speed. */
  readonly failure?: string;
}

/** Pushed before the clock starts: the client gets to know the topic, and the code is compiled. */
const warmUpShare = 0.25;

/** All contestants in turn, round after round, so that a busy moment of the machine meets all of them. */
export async function measureThroughput(
  entrants: readonly Entrant[],
  { bytes, ratios }: { readonly bytes: CommandBytes; readonly ratios: readonly Ratio[] },
  { kafka, rounds, quick, say }: BenchmarkOptions,
): Promise<BenchmarkResult> {
  const measurements: ThroughputMeasurement[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const { contestant, count, quickCount } of inRound(round, entrants)) {
      const commands = quick ? quickCount : count;
      const measured = await measure(kafka, contestant, { commands, bytes });
      const measurement = { contestant: contestant.name, round, commands, bytes, ...measured };
      say(describe(measurement));
      measurements.push(measurement);
    }
  }
  const suffix = bytes === 300 ? '' : ` (${bytes} bytes)`;
  return {
    ...emptyResult,
    settings: Object.fromEntries(entrants.map(({ contestant }) => [contestant.name, contestant.settings])),
    figures: entrants.flatMap(({ contestant }) => figuresOf(contestant.name, suffix, measurements)),
    verdicts: ratios.flatMap((ratio) => verdictOn(ratio, suffix, measurements) ?? []),
    measurements,
    failures: measurements.filter((measurement) => !isComplete(measurement)).map(describe),
  };
}

/** One turn of a contestant, on a topic of its own. A process that fails is a measurement that failed. */
export async function measure(
  kafka: KafkaCluster,
  contestant: Contestant,
  { commands, bytes }: { readonly commands: number; readonly bytes: CommandBytes },
): Promise<(Pushed & Verification) | { readonly failure: string }> {
  await using topic = await openTestTopic(kafka);
  const warmUp = Math.round(commands * warmUpShare);
  const task: PushTask = { brokers: kafka.brokers, topic: topic.name, warmUp, count: commands, bytes };
  try {
    const pushed = await contestant.push(task);
    return { ...pushed, ...(await verify(kafka, topic.name, warmUp + commands, contestant.writes)) };
  } catch (error) {
    if (!BackendUnavailableError.isInstance(error)) throw error;
    return { failure: error.message };
  }
}

export function isComplete({
  unacknowledged,
  missing = Number.NaN,
  repeated = Number.NaN,
  outOfOrder = Number.NaN,
}: ThroughputMeasurement): boolean {
  return unacknowledged === 0 && isFaultless({ missing, repeated, outOfOrder });
}

function perSecondOf({ commands, elapsedMs = Number.NaN }: ThroughputMeasurement): number {
  return (commands / elapsedMs) * 1_000;
}

export function describe(measurement: ThroughputMeasurement): string {
  const { contestant, round, bytes, failure, unacknowledged, missing, repeated, outOfOrder } = measurement;
  const who = `round ${round}, ${contestant}, ${bytes} bytes`;
  if (failure !== undefined) return `${who}: failed, ${failure}`;
  const speed = `${Math.round(perSecondOf(measurement)).toLocaleString('en')} commands/s`;
  if (isComplete(measurement)) return `${who}: ${speed}`;
  return `${who}: ${speed}; ${unacknowledged} not acknowledged, ${missing} missing, ${repeated} repeated, ${outOfOrder} out of order`;
}

function figuresOf(
  contestant: string,
  suffix: string,
  measurements: readonly ThroughputMeasurement[],
): Figure[] {
  const own = measurements.filter((measurement) => measurement.contestant === contestant);
  const figure = (unit: Unit, pick: (measurement: ThroughputMeasurement) => number | undefined) => ({
    name: `${contestant}${suffix}`,
    unit,
    spread: spreadOf(own.map((measurement) => pick(measurement) ?? Number.NaN)),
  });
  const figures: Figure[] = [
    figure('commands/s', perSecondOf),
    // A microsecond each is a second for a million.
    figure('CPU s per million', ({ cpuMicrosPerCommand }) => cpuMicrosPerCommand),
    figure('peak MiB', ({ peakBytes = Number.NaN }) => peakBytes / 2 ** 20),
    figure('first push ms', ({ firstPushMs }) => firstPushMs),
  ];
  return figures.filter(({ spread }) => Number.isFinite(spread.median));
}

function verdictOn(
  { ours, theirs, target }: Ratio,
  suffix: string,
  measurements: readonly ThroughputMeasurement[],
): Verdict | undefined {
  const speedsOf = (name: string) =>
    measurements.filter(({ contestant }) => contestant === name).map(perSecondOf);
  const theirSpeeds = speedsOf(theirs);
  const ratios = speedsOf(ours).map((speed, round) => speed / (theirSpeeds[round] ?? Number.NaN));
  if (!ratios.some(Number.isFinite)) return undefined;
  return { name: `${ours} / ${theirs}${suffix}`, spread: spreadOf(ratios), ...(target && { target }) };
}
