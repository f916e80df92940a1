import { randomUUID } from 'node:crypto';
import { printable } from '@preservarium/command-line/process';
import {
  freeUdpPort,
  type KafkaCluster,
  rdkafkaIsCompiling,
  untilRdkafkaCompiled,
} from '@preservarium/dev-services';
import type { DemoArguments } from './arguments.js';
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
import { closeTogether, openTogether } from './open-together.js';
import { pushAll, pushMistake } from './push.js';
import { readBack } from './read-back.js';
import { findFailures, renderReport } from './report.js';
import { say } from './say.js';
import { createSeen } from './seen.js';
import { changeSettings, followSettings, untilInSync } from './settings-case.js';
import { createTopics } from './topics.js';

/** Runs the demo on a Kafka that is being started, and returns the exit code. */
export async function runDemo(
  { backends: chosen, keep }: Extract<DemoArguments, { kind: 'run' }>,
  starting: Promise<KafkaCluster>,
): Promise<number> {
  const runId = randomUUID();
  const coapPort = await freeUdpPort();
  await using broker = await startMqttBroker();
  await using devices = await startDemoDevices(broker.url, `coap://127.0.0.1:${coapPort}`);
  await using kafka = await starting;
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

  say('starting connectors for MQTT, CoAP and HTTP');
  await createTopics(kafka, createBackend[first]);

  const examples = backends.flatMap((pushedWith) => createExamples().map((push) => ({ push, pushedWith })));
  const cases = createCases();
  const ofCases = Object.values(cases).map((push) => ({ push, pushedWith: first }));
  const view = createLiveView(process.stdout);
  const board = createBoard([...examples, ...ofCases], (row, event) => view.show(board.rows(), row, event));
  const seen = createSeen();
  const [connectors, settings, events] = await openTogether([
    startConnectors({ createBackend: backend, runId, brokerUrl: broker.url, coapPort, devices }),
    followSettings(backend()),
    followEvents(backend(), runId, (event) => {
      seen.add(event.requestId);
      const isOfDemo = board.take(event);
      if (!isOfDemo && keep)
        say(`${printable(`${event.requestId}, ${event.deviceId}`)}: ${describeEvent(event)}`);
    }),
  ]);
  await using _opened = { [Symbol.asyncDispose]: () => closeTogether([connectors, settings, events]) };

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
