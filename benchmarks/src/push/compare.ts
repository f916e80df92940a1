import {
  auditPushes,
  createTestTopic,
  type KafkaCluster,
  type PushAudit,
  readTopic,
} from '@preservarium/testkit';
import { auditedRecordOf, numbersOf, pushOf } from '../numbered-command.js';
import type { Comparison } from './comparisons.js';
import type { Contestant, OpenContestant } from './contestant.js';

export interface Measurement extends PushAudit {
  readonly contestant: string;
  readonly round: number;
  readonly commands: number;
  readonly elapsedMs: number;
  readonly perSecond: number;
}

export interface CompareOptions {
  readonly kafka: KafkaCluster;
  readonly rounds: number;
  readonly commands: number;
  onMeasurement(measurement: Measurement): void;
}

/** Pushed before the clock starts, beside what is measured: the client gets to know the topic, and the code is compiled. */
const warmUpShare = 0.25;

/** Both contestants in turn, round after round, so that a busy moment of the machine meets both. */
export async function compare(
  { ours, byHand }: Pick<Comparison, 'ours' | 'byHand'>,
  options: CompareOptions,
): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  const open = await openAll([ours, byHand], options.kafka.brokers);
  for (let round = 1; round <= options.rounds; round++) {
    for (const [contestant, opened] of open) {
      const measurement = { contestant: contestant.name, round, ...(await measure(opened, options)) };
      options.onMeasurement(measurement);
      measurements.push(measurement);
    }
  }
  for (const opened of open.values()) await opened.close();
  return measurements;
}

async function openAll(contestants: readonly Contestant[], brokers: readonly string[]) {
  const open = new Map<Contestant, OpenContestant>();
  for (const contestant of contestants) open.set(contestant, await contestant.open(brokers));
  return open;
}

async function measure(contestant: OpenContestant, { kafka, commands: count }: CompareOptions) {
  const topic = await createTestTopic(kafka.settings, { partitions: 6 });
  const warmUpCount = Math.round(count * warmUpShare);
  const warmedUp = await contestant.push(topic, { first: 0, count: warmUpCount });
  const startedAtMs = performance.now();
  const acknowledged = await contestant.push(topic, { first: warmUpCount, count });
  const elapsedMs = performance.now() - startedAtMs;

  const answers = [...warmedUp, ...acknowledged];
  const pushes = [...numbersOf({ first: 0, count: warmUpCount + count })].map((number) => ({
    ...auditedRecordOf(number),
    acknowledged: answers[number] === true,
  }));
  const records = await readTopic(kafka.settings, topic);
  return {
    commands: count,
    elapsedMs,
    perSecond: (count / elapsedMs) * 1_000,
    ...auditPushes(pushes, records.map(pushOf)),
  };
}
