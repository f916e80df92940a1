import { randomUUID } from 'node:crypto';
import { printable } from '@preservarium/command-line/process';
import { PusherError } from '@preservarium/core';
import {
  freeUdpPort,
  rdkafkaIsCompiling,
  startKafka,
  untilRdkafkaCompiled,
} from '@preservarium/dev-services';
import { type DemoArguments, readArguments, usage } from './arguments.js';
import { createBackend } from './backends.js';
import { createBoard } from './board.js';
import { createCases } from './cases.js';
import { groupOf, startConnectors } from './connectors.js';
import { startConsole } from './console.js';
import { deviceIds, startDemoDevices } from './devices.js';
import { createExamples } from './examples.js';
import { followEvents } from './follow-events.js';
import { renderInstructions, untilInterrupted } from './keep.js';
import { describeEvent } from './lifecycle.js';
import { createLiveView } from './live-view.js';
import { startMqttBroker } from './mqtt-broker.js';
import { pushAll, pushMistake } from './push.js';
import { readBack } from './read-back.js';
import { findFailures, renderReport } from './report.js';
import { createSeen } from './seen.js';
import { changeSettings, followSettings, untilInSync } from './settings-case.js';
import { createTopics } from './topics.js';

// Ctrl-C needs no handler: the Kafka that this process started ends with it, however it ends.
const exitCode = await main();
// Timers and sockets that a client left behind must not keep the process running.
process.stdout.write('', () => process.exit(exitCode));

async function main(): Promise<number> {
  const parsed = readArguments(process.argv.slice(2));
  if (parsed.kind === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (parsed.kind === 'mistake') {
    say(`${parsed.message}; see --help`);
    return 2;
  }
  try {
    return await runDemo(parsed);
  } catch (error) {
    if (!PusherError.isInstance(error)) throw error;
    say(`${error.code}: ${error.message}`);
    return 1;
  }
}

async function runDemo({ backends: chosen, keep }: Extract<DemoArguments, { kind: 'run' }>): Promise<number> {
  say('starting Kafka');
  await using kafka = await startKafka();
  say(`Kafka (${kafka.kind}) is at ${kafka.brokers.join(', ')}`);
  const backends = chosen.filter((name) => kafka.kind !== 'mock' || name === 'rdkafka');
  const [first] = backends;
  if (first === undefined) {
    say('kafkajs needs a real Kafka');
    return 1;
  }
  if (backends.length < chosen.length) say('kafkajs needs a real Kafka: leaving it out');
  const backend = (name = first) => createBackend[name](kafka.settings);
  if (first === 'rdkafka') await rdkafkaCompiled();

  say('starting an MQTT broker, devices and connectors');
  await createTopics(kafka, createBackend[first]);
  const runId = randomUUID();
  const coapPort = await freeUdpPort();
  await using broker = await startMqttBroker();
  await using devices = await startDemoDevices(broker.url, `coap://127.0.0.1:${coapPort}`);
  const { url: brokerUrl } = broker;
  await using _connectors = await startConnectors({
    createBackend: backend,
    runId,
    brokerUrl,
    coapPort,
    devices,
  });

  const examples = backends.flatMap((pushedWith) => createExamples().map((push) => ({ push, pushedWith })));
  const cases = createCases();
  const ofCases = Object.values(cases).map((push) => ({ push, pushedWith: first }));
  const view = createLiveView(process.stdout);
  const board = createBoard([...examples, ...ofCases], (row, event) => view.show(board.rows(), row, event));
  await using settings = await followSettings(backend());
  const seen = createSeen();
  await using _events = await followEvents(backend(), runId, (event) => {
    seen.add(event.requestId);
    const isOfDemo = board.take(event);
    if (!isOfDemo && keep)
      say(`${printable(`${event.requestId}, ${event.deviceId}`)}: ${describeEvent(event)}`);
  });

  say('three devices become unreachable; pushing commands and settings to all');
  devices.sleep(deviceIds.coapPolling);
  devices.sleep(deviceIds.httpOffline);
  devices.sleep(deviceIds.httpSettings);
  for (const name of backends) {
    if (name === 'rdkafka') await rdkafkaCompiled();
    const pushes = examples.filter(({ pushedWith }) => pushedWith === name).map(({ push }) => push);
    await pushAll(backend(name), pushes, board.published);
  }
  await pushAll(backend(), Object.values(cases), board.published);
  const lastChange = await changeSettings(settings);
  const refusals = await Promise.all(backends.map((name) => pushMistake(backend(name))));

  await board.reached([cases.offline], 'waiting');
  devices.wake(deviceIds.httpOffline);
  await board.reached([cases.expiring, cases.superseded]);
  await board.reached([cases.superseding], 'waiting');
  devices.wake(deviceIds.coapPolling);
  await seen.until(lastChange);
  devices.wake(deviceIds.httpSettings);
  await board.reached(board.rows().map(({ push }) => push));
  const settingsOutcome = await untilInSync(settings, devices, first);
  view.end();

  const withContent = examples.filter(({ push }) => push.content !== undefined);
  const outcome = {
    rows: board.rows(),
    readBack: await readBack(kafka.settings, withContent),
    refusals,
    settings: settingsOutcome,
  };
  process.stdout.write(renderReport(outcome));
  const failures = findFailures(outcome);
  failures.forEach(say);

  if (keep) {
    const interrupted = untilInterrupted();
    const groups = Object.fromEntries(
      ['mqtt', 'coap', 'http'].map((protocol) => [protocol, groupOf(protocol, runId)]),
    );
    await using operators = await startConsole({ brokers: kafka.brokers, backend: first, groups });
    const { brokers } = kafka;
    process.stdout.write(renderInstructions({ brokers, mqttPort: broker.port, consoleUrl: operators.url }));
    await interrupted;
    say('ending');
  }
  return failures.length === 0 ? 0 : 1;
}

/** At the first run node-rdkafka is compiled beside the demo. */
function rdkafkaCompiled(): Promise<void> {
  if (rdkafkaIsCompiling()) say('waiting until librdkafka is compiled, which is done once');
  return untilRdkafkaCompiled();
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
