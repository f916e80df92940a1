import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { startKafka } from '@preservarium/testkit';
import { readArguments, usage } from './arguments.js';
import type { Benchmark, BenchmarkResult } from './benchmark.js';
import { delivery } from './delivery/delivery.js';
import { push } from './push/push.js';
import { renderReport } from './render-report.js';

const benchmarks: Readonly<Record<Benchmark['name'], Benchmark>> = { push, delivery };

const { names, quick, help, jsonFile } = readArguments(process.argv.slice(2));
if (help) process.stdout.write(usage);
else process.exitCode = await runBenchmarks();

async function runBenchmarks(): Promise<number> {
  say('starting Kafka');
  await using kafka = await startKafka({ isolated: true });
  const results: Partial<Record<Benchmark['name'], BenchmarkResult>> = {};
  for (const name of names) {
    const result = await benchmarks[name].run({ kafka, rounds: quick ? 1 : 5, quick, say });
    results[name] = result;
    process.stdout.write(`\n${name}\n\n${renderReport(result)}`);
  }
  const verified = Object.values(results).every(({ failures }) => failures.length === 0);
  if (jsonFile !== undefined) {
    const machine = { node: process.version, cores: availableParallelism(), kafka: kafka.kind };
    await writeFile(jsonFile, `${JSON.stringify({ machine, verified, ...results }, null, 2)}\n`);
  }
  return verified ? 0 : 1;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
