import { type Benchmark, type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { mergeResults } from '../merge-results.js';
import { type Plot, renderPlots } from '../plot/line-plot.js';
import { auditLoad } from '../pressure/audit-load.js';
import { type LiveHeap, type Sample, startService } from '../pressure/service.js';
import type { BackendName } from '../pressure/service-program.js';
import { isFaultless } from '../push/verify.js';
import { spreadOf } from '../spread.js';
import { openTestTopic } from '../test-topic.js';

/** A steady load for a long time: whether memory and latency stay as they are. */
export const soak: Benchmark = { name: 'soak', run };

const backends = ['rdkafka', 'kafkajs'] as const;
const perSecond = 1_000;
const timeoutMs = 30_000;
/** Of the time; by then caches are full and the code is compiled. */
const warmUpShare = 0.2;
const target = { atMost: 0.5 };
const liveHeapEveryMs = 20_000;

async function run(options: BenchmarkOptions): Promise<BenchmarkResult> {
  const soaked = await Promise.all(backends.map((backend) => measure(backend, options)));
  return {
    ...mergeResults(soaked.map(({ result }) => result)),
    plot: renderPlots([
      plotOf('Memory (resident)', 'MiB', soaked, ({ residentBytes }) => residentBytes / 2 ** 20),
      plotOf('Latency of a push, p50', 'ms', soaked, ({ p50Ms }) => p50Ms),
      plotOf('Latency of a push, p99', 'ms', soaked, ({ p99Ms }) => p99Ms),
    ]),
  };
}

interface Soaked {
  readonly backend: BackendName;
  readonly samples: readonly Sample[];
  readonly result: BenchmarkResult;
}

async function measure(backend: BackendName, { kafka, minutes, say }: BenchmarkOptions): Promise<Soaked> {
  const name = `${backend}.soak`;
  say(`${name}: ${perSecond} pushes a second for ${minutes} minutes`);
  await using topic = await openTestTopic(kafka);
  await using service = startService({ backend, brokers: kafka.brokers, topic: topic.name, timeoutMs }, [
    '--expose-gc',
  ]);
  await service.start(perSecond);
  const samples: Sample[] = [];
  const heaps: LiveHeap[] = [];
  const untilMs = performance.now() + minutes * 60_000;
  while (performance.now() < untilMs) {
    samples.push(...(await service.watch(liveHeapEveryMs)));
    heaps.push(await service.liveHeap());
  }
  const { unacknowledged, ...total } = await service.stop();
  const audit = await auditLoad(kafka, topic.name, { pushed: total.pushed, unacknowledged });
  const summary =
    `${name}: ${total.pushed} pushed, ${unacknowledged.length} failed ${JSON.stringify(total.failed)}, ` +
    `${audit.missing} missing, ${audit.repeated} repeated, ${audit.outOfOrder} out of order`;
  say(summary);
  const warm = samples.slice(Math.floor(samples.length * warmUpShare));
  const warmHeaps = heaps.slice(Math.floor(heaps.length * warmUpShare));
  return {
    backend,
    samples,
    result: {
      ...emptyResult,
      figures: [
        { name, unit: 'MiB', spread: spreadOf(warm.map(({ residentBytes }) => residentBytes / 2 ** 20)) },
        {
          name,
          unit: 'MiB of live heap',
          spread: spreadOf(warmHeaps.map(({ bytes }) => bytes / 2 ** 20)),
        },
        { name, unit: 'p50 ms', spread: spreadOf(warm.map(({ p50Ms }) => p50Ms)) },
        { name, unit: 'p99 ms', spread: spreadOf(warm.map(({ p99Ms }) => p99Ms)) },
      ],
      verdicts: [
        {
          name: `${name}.live heap, growth per million commands`,
          unit: 'MB',
          spread: spreadOf([growthPerMillion(warmHeaps)]),
          target,
        },
      ],
      measurements: [{ name, ...total, audit, samples, heaps }],
      failures: isFaultless(audit) && unacknowledged.length === 0 ? [] : [summary],
    },
  };
}

/** Returns the slope of the line that fits the live heap best, in MB for each million of commands. */
export function growthPerMillion(heaps: readonly LiveHeap[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const millions = heaps.map(({ pushed }) => pushed / 1e6);
  const megabytes = heaps.map(({ bytes }) => bytes / 1e6);
  const [meanMillions, meanMegabytes] = [mean(millions), mean(megabytes)];
  const deviations = millions.map((value) => value - meanMillions);
  const covariance = mean(
    deviations.map((deviation, index) => deviation * ((megabytes[index] ?? 0) - meanMegabytes)),
  );
  return covariance / mean(deviations.map((deviation) => deviation ** 2));
}

function plotOf(
  title: string,
  label: string,
  soaked: readonly Soaked[],
  pick: (sample: Sample) => number,
): Plot {
  return {
    title,
    x: { label: 'minutes', scale: 'linear' },
    y: { label, scale: 'linear' },
    series: soaked.map(({ backend, samples }) => ({
      name: backend,
      // A second in which nothing was answered has no latency.
      points: samples
        .map((sample) => [sample.atMs / 60_000, pick(sample)] as const)
        .filter(([, value]) => Number.isFinite(value)),
    })),
  };
}
