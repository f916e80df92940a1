import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { startKafka } from '@preservarium/testkit';
import { readArguments, usage } from './arguments.js';
import { compare, type Measurement } from './compare.js';
import { comparisons } from './comparisons.js';
import { renderReport } from './report.js';
import { isComplete, type Summary, summarize } from './summarize.js';

const { quick, help, jsonFile } = readArguments(process.argv.slice(2));
if (help) process.stdout.write(usage);
else process.exitCode = await runBenchmarks();

async function runBenchmarks(): Promise<number> {
  say('starting Kafka');
  await using kafka = await startKafka({ isolated: true });
  const rounds = quick ? 1 : 5;
  const summaries: Summary[] = [];
  const measurements: Measurement[] = [];
  for (const comparison of comparisons) {
    const commands = quick ? comparison.quickCommands : comparison.commands;
    const measured = await compare(comparison, { kafka, rounds, commands, onMeasurement });
    measurements.push(...measured);
    summaries.push(summarize(comparison, measured));
  }
  process.stdout.write(renderReport(summaries));
  if (jsonFile !== undefined) {
    const machine = { node: process.version, cores: availableParallelism(), kafka: kafka.kind };
    await writeFile(jsonFile, `${JSON.stringify({ machine, summaries, measurements }, null, 2)}\n`);
  }
  return summaries.every(({ verified }) => verified) ? 0 : 1;
}

function onMeasurement(measurement: Measurement): void {
  const { contestant, round, perSecond, missing, repeated, outOfOrder } = measurement;
  const speed = `${Math.round(perSecond).toLocaleString('en')} commands/s`;
  const fault = isComplete(measurement)
    ? ''
    : `; ${missing} missing, ${repeated} repeated, ${outOfOrder} out of order`;
  say(`round ${round}, ${contestant}: ${speed}${fault}`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
