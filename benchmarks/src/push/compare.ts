import {
  auditPushes,
  createTestTopic,
  type KafkaCluster,
  type PushAudit,
  readTopic,
} from '@preservarium/testkit';
import { auditedRecordOf, numbersOf, pushOf } from '../numbered-command.js';
import type { Comparison } from './comparisons.js';
import type { Contestant } from './contestant.js';

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
  for (let round = 1; round <= options.rounds; round++) {
    for (const contestant of [ours, byHand]) {
      const measurement = { contestant: contestant.name, round, ...(await measure(contestant, options)) };
      options.onMeasurement(measurement);
      measurements.push(measurement);
    }
  }
  return measurements;
}

/** A contestant has its connections only for its own turn: a client that idles beside costs time of the thread too. */
async function measure(contestant: Contestant, { kafka, commands: count }: CompareOptions) {
  const open = await contestant.open(kafka.brokers);
  const topic = await createTestTopic(kafka.settings, { partitions: 6 });
  const warmUpCount = Math.round(count * warmUpShare);
  const warmedUp = await open.push(topic, { first: 0, count: warmUpCount });
  const startedAtMs = performance.now();
  const acknowledged = await open.push(topic, { first: warmUpCount, count });
  const elapsedMs = performance.now() - startedAtMs;
  await open.close();

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
