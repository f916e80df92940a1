import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type KafkaCluster, startKafka } from '@preservarium/dev-services';
import { readArguments, usage } from './arguments.js';
import type { Benchmark, BenchmarkName, BenchmarkResult } from './benchmark.js';
import { consoleList } from './console/console.js';
import { measureCost } from './cost/cost.js';
import { delivery } from './delivery/delivery.js';
import { gateway } from './gateway/gateway.js';
import { inFlight } from './in-flight/in-flight.js';
import { countLateExecutions } from './late-execution/late-execution.js';
import { partitions } from './partitions/partitions.js';
import { pressure } from './pressure/pressure.js';
import { push } from './push/push.js';
import { renderReport } from './render-report.js';
import { conflicts } from './settings/conflicts.js';
import { settingsStart } from './settings/start.js';
import { measureSigning } from './signing/measure-signing.js';
import { sleeping } from './sleeping/sleeping.js';
import { soak } from './soak/soak.js';
import { twoWay } from './two-way/two-way.js';

const benchmarks: Readonly<Record<Exclude<BenchmarkName, 'cost' | 'late-execution' | 'signing'>, Benchmark>> =
  {
    push,
    delivery,
    'two-way': twoWay,
    'in-flight': inFlight,
    pressure,
    soak,
    sleeping,
    partitions,
    conflicts,
    settings: settingsStart,
    gateway,
    console: consoleList,
  };

const given = readArguments(process.argv.slice(2));
const { names, quick, only, help, jsonFile, svgFile, minutes, commands, devices } = given;
const { against, againstBase, verbatim, atMost, record } = given;
if (help) process.stdout.write(usage);
else process.exitCode = await runBenchmarks();

async function runBenchmarks(): Promise<number> {
  await using kafka = names.every((name) => !(name in benchmarks)) ? undefined : await startOwnKafka();
  const results: Partial<Record<BenchmarkName, BenchmarkResult>> = {};
  for (const name of names) {
    const result = await runBenchmark(name, kafka);
    const { plot, ...figures } = result;
    results[name] = figures;
    process.stdout.write(`\n${name}\n\n${renderReport(result)}`);
    if (svgFile !== undefined && plot !== undefined) await writeFile(fileOf(svgFile), plot);
  }
  const verified = Object.values(results).every(({ failures }) => failures.length === 0);
  if (jsonFile !== undefined) {
    const machine = { node: process.version, cores: availableParallelism(), kafka: kafka?.kind };
    await writeFile(fileOf(jsonFile), `${JSON.stringify({ machine, verified, ...results }, null, 2)}\n`);
  }
  return verified ? 0 : 1;
}

async function runBenchmark(name: BenchmarkName, kafka: KafkaCluster | undefined): Promise<BenchmarkResult> {
  if (name === 'late-execution') return countLateExecutions({ quick, say });
  if (name === 'signing') return measureSigning({ quick, say });
  if (name === 'cost' || kafka === undefined) {
    return measureCost({
      quick,
      only,
      against: against && fileOf(against),
      againstBase,
      verbatim,
      atMost,
      record,
      say,
    });
  }
  return benchmarks[name].run({
    kafka,
    rounds: quick ? 1 : 5,
    quick,
    only,
    minutes,
    commands,
    devices,
    say,
  });
}

function startOwnKafka(): Promise<KafkaCluster> {
  say('starting Kafka');
  return startKafka({ isolated: true });
}

/** npm runs this in the root of the repository, and says where it was called. */
function fileOf(name: string): string {
  return resolve(process.env.INIT_CWD ?? '.', name);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
