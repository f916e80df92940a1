import { type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { spreadOf } from '../spread.js';
import { nodeContestant } from './node-contestant.js';
import { describe, isComplete, measure, type ThroughputMeasurement } from './throughput.js';

const few = 500_000;
const many = 5_000_000;
const target = { atMost: 1.1 };

/** Measures if the memory of a push from an iterator depends on the number of commands. Each in a process of its own. */
export async function measureMemory({ kafka, say }: BenchmarkOptions): Promise<BenchmarkResult> {
  const contestant = nodeContestant('rdkafka.pushCommands');
  const measurements: ThroughputMeasurement[] = [];
  for (const commands of [few, many]) {
    const measured = await measure(kafka, contestant, { commands, bytes: 300 });
    const measurement = {
      contestant: `rss.${commands}`,
      round: 1,
      commands,
      bytes: 300 as const,
      ...measured,
    };
    say(describe(measurement));
    measurements.push(measurement);
  }
  const [peakOfFew = Number.NaN, peakOfMany = Number.NaN] = measurements.map(({ peakBytes }) => peakBytes);
  return {
    ...emptyResult,
    figures: measurements.map(({ contestant: name, peakBytes = Number.NaN }) => ({
      name,
      unit: 'peak MiB',
      spread: spreadOf([peakBytes / 2 ** 20]),
    })),
    verdicts: [{ name: `rss.${many} / rss.${few}`, spread: spreadOf([peakOfMany / peakOfFew]), target }],
    measurements,
    failures: measurements.filter((measurement) => !isComplete(measurement)).map(describe),
  };
}
