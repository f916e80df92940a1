import { type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { describeAudit } from '../delivery/audit.js';
import { openScene, type Scene } from '../delivery/scene.js';
import { mergeResults } from '../merge-results.js';
import type { Plot } from '../plot/line-plot.js';
import { spreadOf } from '../spread.js';
import { growthPerMillion } from './growth.js';
import { type Subject, startDeliveries, startPushes } from './subject.js';

interface Sample {
  readonly commands: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

interface LongRun {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly result: BenchmarkResult;
}

const subjects: Readonly<Record<string, (scene: Scene) => Promise<Subject>>> = {
  'rdkafka.longRun': (scene) => startPushes('rdkafka', scene),
  'kafkajs.longRun': (scene) => startPushes('kafkajs', scene),
  'connector.rdkafka+events.longRun': (scene) => startDeliveries('connector.rdkafka+events', scene),
  'connector.kafkajs+events.longRun': (scene) => startDeliveries('connector.kafkajs+events', scene),
};

const manyCommands = 5_000_000;
/** The connector remembers the ids of the last 100,000: they are full after the warm-up. */
const fewCommands = 600_000;
const manySamples = 100;
const fewSamples = 20;
/** Of the commands; by then caches are full and the code is compiled. */
const warmUpShare = 0.2;
const target = { atMost: 0.5 };

/** Measures the memory of each program over many commands, as fast as it takes them. */
export async function measureLongRuns(
  options: BenchmarkOptions,
): Promise<{ readonly result: BenchmarkResult; readonly plots: readonly Plot[] }> {
  const { quick, commands = quick ? fewCommands : manyCommands } = options;
  await using scene = await openScene(options.kafka);
  const runs: LongRun[] = [];
  for (const [name, start] of Object.entries(subjects)) {
    await using subject = await start(scene);
    runs.push(await measure(name, subject, commands, options));
  }
  return {
    result: mergeResults(runs.map(({ result }) => result)),
    plots: [
      plotOf('Memory (resident)', runs, ({ residentBytes }) => residentBytes),
      plotOf('Live heap', runs, ({ heapBytes }) => heapBytes),
    ],
  };
}

async function measure(
  name: string,
  subject: Subject,
  commands: number,
  { quick, say }: BenchmarkOptions,
): Promise<LongRun> {
  say(`${name}: ${commands} commands`);
  const samples: Sample[] = [];
  const perSample = Math.ceil(commands / (quick ? fewSamples : manySamples));
  for (let handled = perSample; handled <= commands; handled += perSample) {
    const residentBytes = await subject.handle(perSample);
    samples.push({ commands: handled, residentBytes, heapBytes: await subject.liveHeap() });
  }
  const { isFaultless, ...audit } = await subject.end();
  const summary = `${name}: ${samples.length * perSample} commands${describeAudit(audit)}`;
  say(summary);

  const warm = samples.slice(Math.floor(samples.length * warmUpShare));
  const level = samples.slice(samples.length >> 1);
  const heaps = warm.map(({ commands, heapBytes: bytes }) => ({ commands, bytes }));
  return {
    name,
    samples,
    result: {
      ...emptyResult,
      figures: [
        {
          name,
          unit: 'MiB of live heap',
          spread: spreadOf(warm.map(({ heapBytes }) => heapBytes / 2 ** 20)),
        },
        { name, unit: 'MiB', spread: spreadOf(level.map(({ residentBytes }) => residentBytes / 2 ** 20)) },
      ],
      verdicts: [
        {
          name: `${name}.live heap, growth per million commands`,
          unit: 'MB',
          spread: spreadOf([growthPerMillion(heaps)]),
          target,
        },
      ],
      measurements: [{ name, ...audit, samples }],
      failures: isFaultless ? [] : [summary],
    },
  };
}

function plotOf(title: string, runs: readonly LongRun[], pick: (sample: Sample) => number): Plot {
  return {
    title,
    x: { label: 'millions of commands', scale: 'linear' },
    y: { label: 'MiB', scale: 'linear' },
    series: runs.map(({ name, samples }) => ({
      name: name.replace('.longRun', ''),
      points: samples.map((sample) => [sample.commands / 1e6, pick(sample) / 2 ** 20] as const),
    })),
  };
}
