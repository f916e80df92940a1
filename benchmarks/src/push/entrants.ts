import type { Contestant } from './contestant.js';
import { nodeContestant } from './node-contestant.js';
import type { Entrant, Ratio } from './throughput.js';

/** Ways that take many commands at once, with the programs of other languages that were found. */
export function bulkEntrants(found: readonly Contestant[]): readonly Entrant[] {
  const ways = [
    'rdkafka.pushCommands',
    'node-rdkafka.deliveryReport',
    'platformatic.sendBatch',
    'kafkajs.pushCommands',
    'kafkajs.sendBatch',
  ] as const;
  return [...ways.map((way) => nodeContestant(way)), ...found].map((contestant) => ({
    contestant,
    count: 400_000,
    quickCount: 20_000,
  }));
}

export const bulkRatios: readonly Ratio[] = [
  { ours: 'rdkafka.pushCommands', theirs: 'c.rdkafka_performance', target: { atLeast: 0.55 } },
  { ours: 'rdkafka.pushCommands', theirs: 'node-rdkafka.deliveryReport', target: { atLeast: 2.2 } },
  { ours: 'rdkafka.pushCommands', theirs: 'platformatic.sendBatch', target: { atLeast: 2.0 } },
  { ours: 'kafkajs.pushCommands', theirs: 'kafkajs.sendBatch', target: { atLeast: 0.9 } },
  { ours: 'rdkafka.pushCommands', theirs: 'java.ProducerPerformance' },
  { ours: 'rdkafka.pushCommands', theirs: 'python.confluentKafka' },
];

/** Ways that await each command. kafkajs by hand is ten times as slow, and has fewer to push. */
export const awaitedEntrants: readonly Entrant[] = [
  {
    contestant: nodeContestant('rdkafka.pushCommand', { inFlight: 10_000 }),
    count: 200_000,
    quickCount: 20_000,
  },
  {
    contestant: nodeContestant('node-rdkafka.promiseEach', { inFlight: 10_000 }),
    count: 200_000,
    quickCount: 20_000,
  },
  {
    contestant: nodeContestant('kafkajs.pushCommand', { inFlight: 1_000 }),
    count: 100_000,
    quickCount: 10_000,
  },
  { contestant: nodeContestant('kafkajs.sendEach', { inFlight: 1_000 }), count: 20_000, quickCount: 2_000 },
];

/** Beside those, in a full run. */
export const moreAwaitedEntrants: readonly Entrant[] = [
  {
    contestant: nodeContestant('rdkafka.pushCommand', { inFlight: 1_000 }),
    count: 200_000,
    quickCount: 20_000,
  },
  {
    contestant: nodeContestant('node-rdkafka.promiseEach', { inFlight: 1_000 }),
    count: 200_000,
    quickCount: 20_000,
  },
  {
    contestant: nodeContestant('kafkajs.pushCommand', { inFlight: 10_000 }),
    count: 100_000,
    quickCount: 10_000,
  },
];

export const awaitedRatios: readonly Ratio[] = [
  { ours: 'rdkafka.pushCommand@10000', theirs: 'node-rdkafka.promiseEach@10000', target: { atLeast: 1.8 } },
  { ours: 'kafkajs.pushCommand@1000', theirs: 'kafkajs.sendEach@1000', target: { atLeast: 9 } },
  { ours: 'rdkafka.pushCommand@1000', theirs: 'node-rdkafka.promiseEach@1000' },
];

/** Each stage of a push alone. */
export const stageEntrants: readonly Entrant[] = [
  {
    contestant: nodeContestant('stage.validate', { writes: 'nothing' }),
    count: 1_000_000,
    quickCount: 20_000,
  },
  { contestant: nodeContestant('stage.encode', { writes: 'nothing' }), count: 1_000_000, quickCount: 20_000 },
  {
    contestant: nodeContestant('stage.publish.rdkafka', { writes: 'records' }),
    count: 400_000,
    quickCount: 20_000,
  },
  {
    contestant: nodeContestant('stage.publish.kafkajs', { writes: 'records' }),
    count: 400_000,
    quickCount: 20_000,
  },
];
