import { type Benchmark, type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { choose } from '../choose.js';
import { findContestants } from '../find-contestants.js';
import { mergeResults } from '../merge-results.js';
import { camelContestant } from './contestants/camel.js';
import { nodeContestant } from './contestants/node-contestant.js';
import { deadDevice } from './contestants/with-dead-device.js';
import { measureLatency } from './latency.js';
import { measureMemory } from './memory.js';
import { openScene } from './scene.js';
import { measureThroughput } from './throughput.js';

const leftOutOfQuick =
  'a quick run has one round, without Apache Camel and the memory over a million commands';

/** From Kafka over MQTT to the devices. */
export const delivery: Benchmark = { name: 'delivery', run };

const connectorWithEvents = nodeContestant('connector.rdkafka+events');
const kafkajsConnectorWithEvents = nodeContestant('connector.kafkajs+events');
const byHand = nodeContestant('byHand.kafkajs-mqttjs');

const throughputContestants = [
  connectorWithEvents,
  nodeContestant('connector.rdkafka'),
  kafkajsConnectorWithEvents,
  nodeContestant('connector.kafkajs'),
  byHand,
  nodeContestant('connector.rdkafka+events+deadDevice', deadDevice),
];

async function run(options: BenchmarkOptions): Promise<BenchmarkResult> {
  await using scene = await openScene(options.kafka);
  const { contestants, notes } = await findContestants(
    options.quick ? {} : { 'camel.kafka-paho5': camelContestant },
  );
  const all = [...throughputContestants, ...contestants];
  if (options.only !== undefined) {
    return await measureThroughput(
      scene,
      choose(all, options.only, ({ name }) => name),
      options,
    );
  }
  const results = [
    await measureThroughput(scene, all, options),
    await measureLatency(scene, [connectorWithEvents, kafkajsConnectorWithEvents, byHand], options),
  ];
  if (!options.quick) results.push(await measureMemory(scene, connectorWithEvents, options));
  return mergeResults([...results, { ...emptyResult, notes: options.quick ? [leftOutOfQuick] : notes }]);
}
