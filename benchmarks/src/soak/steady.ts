import { type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { mergeResults } from '../merge-results.js';
import type { Plot } from '../plot/line-plot.js';
import { auditLoad } from '../pressure/audit-load.js';
import { type Sample, startService } from '../pressure/service.js';
import type { BackendName } from '../pressure/service-program.js';
import { isFaultless } from '../push/verify.js';
import { spreadOf } from '../spread.js';
import { openTestTopic } from '../test-topic.js';

const backends = ['rdkafka', 'kafkajs'] as const;
const perSecond = 1_000;
const timeoutMs = 30_000;
/** Of the time; by then caches are full and the code is compiled. */
const warmUpShare = 0.2;

/** Measures latency and memory of each backend with so many pushes a second, both at the same time. */
export async function measureSteadyLoad(
  options: BenchmarkOptions,
): Promise<{ readonly result: BenchmarkResult; readonly plots: readonly Plot[] }> {
  const soaked = await Promise.all(backends.map((backend) => measure(backend, options)));
  return {
    result: mergeResults(soaked.map(({ result }) => result)),
    plots: [
      plotOf('Memory (resident)', 'MiB', soaked, ({ residentBytes }) => residentBytes / 2 ** 20),
      plotOf('Latency of a push, p50', 'ms', soaked, ({ p50Ms }) => p50Ms),
      plotOf('Latency of a push, p99', 'ms', soaked, ({ p99Ms }) => p99Ms),
    ],
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
  await using service = startService({ backend, brokers: kafka.brokers, topic: topic.name, timeoutMs });
  await service.start(perSecond);
  const samples = await service.watch(minutes * 60_000);
  const { unacknowledged, ...total } = await service.stop();
  const audit = await auditLoad(kafka, topic.name, { pushed: total.pushed, unacknowledged });
  const summary =
    `${name}: ${total.pushed} pushed, ${unacknowledged.length} failed ${JSON.stringify(total.failed)}, ` +
    `${audit.missing} missing, ${audit.repeated} repeated, ${audit.outOfOrder} out of order`;
  say(summary);
  const warm = samples.slice(Math.floor(samples.length * warmUpShare));
  return {
    backend,
    samples,
    result: {
      ...emptyResult,
      figures: [
        { name, unit: 'MiB', spread: spreadOf(warm.map(({ residentBytes }) => residentBytes / 2 ** 20)) },
        { name, unit: 'p50 ms', spread: spreadOf(warm.map(({ p50Ms }) => p50Ms)) },
        { name, unit: 'p99 ms', spread: spreadOf(warm.map(({ p99Ms }) => p99Ms)) },
      ],
      measurements: [{ name, ...total, audit, samples }],
      failures: isFaultless(audit) && unacknowledged.length === 0 ? [] : [summary],
    },
  };
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
