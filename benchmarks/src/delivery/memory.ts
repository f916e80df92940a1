import { type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { spreadOf } from '../spread.js';
import { describeAudit, isFaultless } from './audit.js';
import type { Contestant } from './contestant.js';
import { startRun } from './run.js';
import type { Scene } from './scene.js';

const samples = 20;
const commandsPerSample = 50_000;
/** By then its caches are as full as they get: it remembers the ids of the last 100,000 commands, for example. */
const warmUpSamples = 4;
const target = { atMost: 1.1 };

/** Measures if the memory of the process stays constant over a million commands: its last quarter to the first after the warm-up. */
export async function measureMemory(
  scene: Scene,
  contestant: Contestant,
  { say }: BenchmarkOptions,
): Promise<BenchmarkResult> {
  const { name } = contestant;
  await using run = await startRun(contestant, scene);
  const mebibytes: number[] = [];
  for (let sample = 1; sample <= samples; sample++) {
    await run.deliver(commandsPerSample);
    const { residentBytes } = await run.usage();
    mebibytes.push(residentBytes / 2 ** 20);
    say(`${name}: ${Math.round(residentBytes / 2 ** 20)} MiB after ${sample * commandsPerSample} commands`);
  }
  const { audit } = await run.end();
  const summary = `${name}: ${samples * commandsPerSample} commands delivered${describeAudit(audit)}`;
  say(summary);

  const warm = mebibytes.slice(warmUpSamples);
  const quarter = warm.length / 4;
  const growth = medianOf(warm.slice(-quarter)) / medianOf(warm.slice(0, quarter));
  return {
    ...emptyResult,
    figures: [{ name, unit: 'MiB', spread: spreadOf(warm) }],
    verdicts: [{ name: `${name} memory, last quarter / first quarter`, spread: spreadOf([growth]), target }],
    measurements: [{ contestant: name, commands: samples * commandsPerSample, mebibytes, ...audit }],
    failures: isFaultless(audit) ? [] : [summary],
  };
}

function medianOf(values: readonly number[]): number {
  return spreadOf(values).median;
}
