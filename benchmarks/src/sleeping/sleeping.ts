import { rmSync } from 'node:fs';
import type { KafkaCluster } from '@preservarium/dev-services';
import type { Benchmark, BenchmarkOptions, BenchmarkResult } from '../benchmark.js';
import { openCommandLog } from '../delivery/command-log.js';
import { mergeResults } from '../merge-results.js';
import { type ConnectorAnswer, type ConnectorProcess, startConnectorProcess } from './connector-process.js';
import { describe, type Measured, openStateDir, push, resultOf } from './fleet.js';
import { measureUnanswered } from './unanswered.js';

/** A fleet that sleeps: its commands wait, the connector restarts, and devices wake up. */
export const sleeping: Benchmark = { name: 'sleeping', run };

interface Size {
  readonly commands: number;
  readonly devices: number;
  /** Devices that wake up at once. */
  readonly woken: number;
  /** Commands that wait for one device. */
  readonly ofOne: number;
  /** Commands that wait for the answers of their devices. */
  readonly unanswered: number;
}

const quickSize: Size = { commands: 20_000, devices: 5_000, woken: 1_000, ofOne: 10_000, unanswered: 20_000 };
/** Records of the changelog in a millisecond on the busiest machine. */
const slowestPerMs = 5;
const cpuUnit = 'µs of CPU per command';
const threadUnit = 'µs of the JavaScript thread per command';
const turnUnit = 'CPU ms of the longest turn';

async function run(options: BenchmarkOptions): Promise<BenchmarkResult> {
  const { commands = 2_000_000, devices = 500_000 } = options;
  const size = options.quick
    ? quickSize
    : { commands, devices, woken: 10_000, ofOne: 100_000, unanswered: Math.min(commands, 400_000) };
  if (options.only?.includes('unanswered')) return measureUnanswered(options, size.unanswered);
  return mergeResults([
    await measureFleet(options, size),
    await measureOneDevice(options, size),
    await measureUnanswered(options, size.unanswered),
  ]);
}

async function measureFleet(
  { kafka, say }: BenchmarkOptions,
  { commands, devices, woken }: Size,
): Promise<BenchmarkResult> {
  await using log = await openCommandLog(kafka);
  using state = openStateDir();
  using other = openStateDir();
  const argument = { brokers: kafka.brokers, topic: log.topic, stateDir: state.directory };
  const figures: Measured[] = [];
  const note = (measured: Measured) => {
    figures.push(measured);
    say(describe(measured));
  };

  await push(kafka, log.topic, commands, devices);
  const fillAtMs = performance.now();
  {
    await using connector = startConnectorProcess(argument);
    const filled = await connector.until(({ waiting }) => waiting === commands);
    note({ name: 'deferred', unit: 'commands/s', value: commands / secondsSince(fillAtMs) });
    note({ name: 'deferred', unit: cpuUnit, value: (filled.cpuMs * 1_000) / commands });
    note({ name: 'filling', unit: 'peak MiB', value: filled.peakBytes / 2 ** 20, target: { atMost: 512 } });
    await connector.ask({ kind: 'close' });
  }
  {
    const startedAtMs = performance.now();
    await using connector = startConnectorProcess(argument);
    const { peakBytes, cpuMs } = await connector.until(({ waiting }) => waiting === commands);
    note({ name: 'restart with the store', unit: cpuUnit, value: (cpuMs * 1_000) / commands });
    note({ name: 'restart with the store', unit: 'peak MiB', value: peakBytes / 2 ** 20 });
    note({
      name: 'restart with the store',
      unit: 's',
      value: secondsSince(startedAtMs),
      target: { atMost: 10 },
    });
    await connector.ask({ kind: 'close' });
  }
  const startedAtMs = performance.now();
  await using connector = startConnectorProcess({ ...argument, stateDir: other.directory });
  // A partition counts when all of it was read.
  const quietMs = 120_000 + commands / slowestPerMs;
  const rebuilt = await connector.until(({ waiting }) => waiting === commands, quietMs);
  const recordsPerSecond = commands / secondsSince(startedAtMs);
  note({ name: 'rebuild', unit: 'records/s', value: recordsPerSecond, target: { atLeast: 50_000 } });
  note({ name: 'rebuild', unit: cpuUnit, value: (rebuilt.cpuMs * 1_000) / commands });
  note({ name: 'rebuild', unit: threadUnit, value: (rebuilt.threadCpuMs * 1_000) / commands });
  note({ name: 'rebuild', unit: 'peak MiB', value: rebuilt.peakBytes / 2 ** 20, target: { atMost: 512 } });

  // Nobody has told this store when its devices were tried: all are tried once.
  await connector.until(({ attempts }) => attempts >= Math.min(devices, commands));
  const fresh = await deliverFresh(kafka, log.topic, connector, woken * 4);
  const names = Array.from({ length: woken }, (_, number) => `device-${number}`);
  const expected = names.length * Math.ceil(commands / devices);
  await connector.ask({ kind: 'reset' });
  const wokenAtMs = performance.now();
  await connector.ask({ kind: 'wake', devices: names, isTold: true });
  const awake = await connector.until(({ deliveries }) => deliveries >= expected);
  const perSecond = expected / secondsSince(wokenAtMs);
  note({ name: 'delivered to devices that were awake', unit: 'commands/s', value: fresh });
  note({ name: 'delivered to devices that woke up', unit: 'commands/s', value: perSecond });
  note({ name: 'woke up / awake', unit: 'ratio', value: perSecond / fresh, target: { atLeast: 0.5 } });
  note({ name: 'waking up', unit: 'loop delay max ms', value: awake.longestStallMs });
  note({ name: 'waking up', unit: turnUnit, value: awake.longestTurnMs });
  const peak = awake.peakBytes / 2 ** 20;
  note({ name: 'rebuild and waking up', unit: 'peak MiB', value: peak, target: { atMost: 512 } });
  return resultOf(figures, awake.outOfOrder);
}

/** Commands that do not wait, through the same connector. Returns how many were delivered in a second. */
async function deliverFresh(
  kafka: KafkaCluster,
  topic: string,
  connector: ConnectorProcess,
  count: number,
): Promise<number> {
  const devices = Array.from({ length: 1_000 }, (_, number) => `awake-${number}`);
  await connector.ask({ kind: 'wake', devices, isTold: false });
  await connector.ask({ kind: 'reset' });
  const pushed = push(kafka, topic, count, devices.length, 'awake');
  await connector.until(({ deliveries }) => deliveries > 0);
  const startedAtMs = performance.now();
  await connector.until(({ deliveries }) => deliveries >= count);
  const perSecond = count / secondsSince(startedAtMs);
  await pushed;
  return perSecond;
}

async function measureOneDevice({ kafka, say }: BenchmarkOptions, { ofOne }: Size): Promise<BenchmarkResult> {
  await using log = await openCommandLog(kafka);
  using state = openStateDir();
  const argument = { brokers: kafka.brokers, topic: log.topic, stateDir: state.directory };
  await push(kafka, log.topic, ofOne, 1);
  const measured: Measured[] = [];
  const note = (name: string, { longestStallMs, longestTurnMs }: ConnectorAnswer) => {
    measured.push({ name, unit: 'loop delay max ms', value: longestStallMs, target: { atMost: 100 } });
    measured.push({ name, unit: turnUnit, value: longestTurnMs, target: { atMost: 100 } });
  };
  {
    await using connector = startConnectorProcess(argument);
    note(`${ofOne} deferred for one device`, await connector.until(({ waiting }) => waiting === ofOne));
    await connector.ask({ kind: 'close' });
  }
  rmSync(state.directory, { recursive: true });
  await using connector = startConnectorProcess(argument);
  note(`${ofOne} of one device rebuilt`, await connector.until(({ waiting }) => waiting === ofOne));
  await connector.ask({ kind: 'reset' });
  await connector.ask({ kind: 'wake', devices: ['device-0'], isTold: true });
  const delivered = await connector.until(({ deliveries }) => deliveries >= ofOne);
  const { outOfOrder } = delivered;
  note(`${ofOne} delivered to one device`, delivered);
  for (const one of measured) say(describe(one));
  return resultOf(measured, outOfOrder);
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1_000;
}
