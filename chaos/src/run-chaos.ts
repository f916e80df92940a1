import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import type { ChaosOptions } from './arguments.js';
import { breakBrokers } from './break-brokers.js';
import { breakMosquitto } from './break-mosquitto.js';
import { breakStore } from './break-store.js';
import { countCases } from './count.js';
import { describeCases } from './describe-case.js';
import { connectDevices } from './devices.js';
import { type Evidence, readEvidence } from './evidence.js';
import { createRandom } from './random.js';
import { redriveDeadLetters } from './redrive-dead-letters.js';
import { renderCounts } from './render-counts.js';
import { createScene } from './scene.js';
import { startConnector } from './start-connector.js';
import { startPusher } from './start-pusher.js';
import { supervise } from './supervise.js';
import { untilRest } from './until-rest.js';
import { createWorkload } from './workload.js';

/** How long a member of the group may say nothing: `backend-kafkajs` and `backend-rdkafka` fix it. */
const sessionTimeoutMs = { kafkajs: 30_000, rdkafka: 10_000 };
const restTimeoutMs = 240_000;
const progressEveryMs = 5_000;
/** How often a device that takes a command dies before it answers, with the faults of the device side. */
const deathChance = 0.01;

/** Makes faults, waits until all is at rest, prints what was counted, and resolves to whether every zero is zero. */
export async function runChaos(options: ChaosOptions): Promise<boolean> {
  const { backend, minutes, seed } = options;
  const random = createRandom(seed);
  const folder = options.keep ?? (await mkdtemp(join(tmpdir(), 'preservarium-chaos-')));
  await mkdir(folder, { recursive: true });
  say(`starting Kafka and mosquitto; logs are in ${folder}`);
  await using scene = await createScene(backend, options.brokers);

  const faults = new Map<string, number>();
  const faultLog: string[] = [];
  function onFault(name: string, fault: string): void {
    faults.set(fault, (faults.get(fault) ?? 0) + 1);
    faultLog.push(`${new Date().toISOString()} ${fault} ${name}\n`);
  }

  await using devices = await connectDevices({
    url: scene.mosquitto.url,
    count: options.devices,
    random: random.fork(),
    deathChance: options.deviceSide ? deathChance : 0,
    onDeath: (deviceId) => onFault(deviceId, 'device killed after PUBACK'),
  });

  const stopping = new AbortController();
  const common = { sessionTimeoutMs: sessionTimeoutMs[backend], signal: stopping.signal, onFault };
  const connectors = Array.from({ length: options.connectors }, (_, index) => {
    const name = `connector-${index + 1}`;
    const stateDir = join(folder, `${name}-state`);
    const storeRandom = random.fork();
    return supervise({
      ...common,
      name,
      faults: options.faults,
      random: random.fork(),
      calmMs: { least: 5_000, most: 25_000 },
      start: () => startConnector(scene, options.presence, stateDir, join(folder, `${name}.log`)),
      onDown() {
        const damage = breakStore(stateDir, storeRandom);
        if (damage !== undefined) onFault(name, damage);
      },
    });
  });
  const pusherOptions = {
    backend,
    kafka: scene.kafka,
    commandTopic: scene.topics.commands,
    waitingTopic: scene.topics.waiting,
  };
  const workload = createWorkload({
    deviceIds: devices.ids,
    mayExpire: (deviceId) => !devices.goesOffline(deviceId),
    rate: options.rate,
    random: random.fork(),
    evidence: options.evidence,
    ask: (request) => pusher.current().ask(request),
  });
  const pusher = supervise({
    ...common,
    name: 'pusher',
    faults: ['kill', 'freeze'],
    random: random.fork(),
    calmMs: { least: 10_000, most: 30_000 },
    start: () => startPusher(pusherOptions, join(folder, 'pusher.log'), workload.onAnswer),
  });

  const redrives = redriveDeadLetters({
    scene,
    random: random.fork(),
    signal: stopping.signal,
    folder,
    onFault,
  });

  const brokers =
    options.brokers === 3
      ? breakBrokers({ cluster: scene.cluster, random: random.fork(), signal: stopping.signal, onFault })
      : undefined;

  const mosquitto = options.deviceSide
    ? breakMosquitto({
        mosquitto: scene.mosquitto,
        random: random.fork(),
        signal: stopping.signal,
        onFault,
      })
    : undefined;

  const startedMs = performance.now();
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    const made = [...faults].map(([fault, count]) => `${fault} ${count}`).join(', ');
    say(
      `${seconds} s: acknowledged ${workload.acknowledged.size}, executed ${devices.executions.length}; ${made}`,
    );
  }, progressEveryMs);
  devices.wander();
  workload.start();
  const restored = Promise.all([
    ...[...connectors, pusher].map(({ restored }) => restored),
    brokers,
    mosquitto,
    redrives,
  ]);
  await Promise.race([pause(minutes * 60_000), restored]);

  workload.stop();
  stopping.abort();
  await restored;
  await devices.callBack();
  const unrest = await untilRest({
    scene,
    backend: createKafkajsBackend(scene.kafka),
    connectors: () => connectors.map(({ current }) => current()),
    devices,
    timeoutMs: restTimeoutMs,
    onProgress: (state) => faultLog.push(`${new Date().toISOString()} ${state}\n`),
  });
  clearInterval(progress);
  for (const supervision of [...connectors, pusher]) supervision.release();
  const programs = [...connectors, pusher].map(({ current }) => current());
  for (const program of programs) program.kill('SIGTERM');
  await Promise.all(programs.map(({ ended }) => ended));

  say('reading what Kafka has');
  const evidence = await readEvidence(scene, {
    acknowledged: workload.acknowledged,
    executions: devices.executions,
  });
  const counts = [
    { what: 'not at rest in time', isForbidden: true, cases: unrest === undefined ? [] : [unrest] },
    ...countCases(evidence, { isDeviceSideBroken: options.deviceSide }),
  ];
  process.stdout.write(
    renderCounts(
      [
        ...factsOf(evidence, [...faults]),
        ['cancellations asked for', String(workload.cancellations())],
        ...[...workload.failures].map(([code, count]): [string, string] => [
          `pushes failed: ${code}`,
          String(count),
        ]),
      ],
      counts,
    ),
  );
  const failed = counts.filter(({ isForbidden, cases }) => isForbidden && cases.length > 0);
  await writeFile(join(folder, 'faults.log'), faultLog.join(''));
  if (failed.length > 0 || options.keep !== undefined) {
    await writeFile(join(folder, 'cases.log'), await describeCases(scene, counts, evidence));
    await writeFile(join(folder, 'evidence.json'), toJson(evidence));
    if (unrest !== undefined) say(`not at rest after ${restTimeoutMs} ms: ${unrest}`);
    say(`the history of the cases is in ${join(folder, 'cases.log')}`);
  }
  return failed.length === 0;
}

function factsOf(
  { commands, acknowledged, duplicates, redriven, executions, events, deadLetters }: Evidence,
  faults: readonly (readonly [string, number])[],
): [string, string][] {
  const states = new Map<string, number>();
  for (const ofCommand of events.values()) {
    for (const { state } of ofCommand) states.set(state, (states.get(state) ?? 0) + 1);
  }
  const evidences = new Map<string, number>();
  for (const { requiredEvidence } of commands.values()) {
    evidences.set(requiredEvidence, (evidences.get(requiredEvidence) ?? 0) + 1);
  }
  return [
    ...faults.map(([fault, count]): [string, string] => [`faults: ${fault}`, String(count)]),
    ['commands acknowledged by Kafka', String(acknowledged.size)],
    ['commands in the topic', String(commands.size - redriven)],
    ...[...evidences].map(([evidence, count]): [string, string] => [
      `require \`${evidence}\``,
      String(count),
    ]),
    ['written twice by pushers', String(duplicates)],
    ['sent again from the dead letters', String(redriven)],
    ['executions', String(executions.length)],
    ...[...states].map(([state, count]): [string, string] => [`events \`${state}\``, String(count)]),
    ['dead letters', String(deadLetters)],
  ];
}

function toJson(evidence: Evidence): string {
  return JSON.stringify(evidence, (_, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
