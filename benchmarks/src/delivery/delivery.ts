import { BackendUnavailableError } from '@preservarium/core';
import type { Benchmark, BenchmarkOptions, BenchmarkResult } from '../benchmark.js';
import type { Contestant } from './contestant.js';
import { camelContestant } from './contestants/camel.js';
import { nodeContestant } from './contestants/node-contestant.js';
import { deadDevice } from './contestants/with-dead-device.js';
import { measureLatency } from './latency.js';
import { measureMemory } from './memory.js';
import { openScene } from './scene.js';
import { measureThroughput } from './throughput.js';

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
  const camel = await findCamel(options);
  const results = [
    await measureThroughput(scene, [...throughputContestants, ...camel], options),
    await measureLatency(scene, [connectorWithEvents, kafkajsConnectorWithEvents, byHand], options),
  ];
  if (!options.quick) results.push(await measureMemory(scene, connectorWithEvents, options));
  return {
    figures: results.flatMap(({ figures }) => figures),
    verdicts: results.flatMap(({ verdicts }) => verdicts),
    measurements: results.flatMap(({ measurements }) => measurements),
    verified: results.every(({ verified }) => verified),
  };
}

async function findCamel({ quick, say }: BenchmarkOptions): Promise<readonly Contestant[]> {
  if (quick) {
    say('Apache Camel is left out of a quick run');
    return [];
  }
  try {
    return [await camelContestant()];
  } catch (error) {
    if (!BackendUnavailableError.isInstance(error)) throw error;
    say(`Apache Camel is left out: ${error.message}`);
    return [];
  }
}
