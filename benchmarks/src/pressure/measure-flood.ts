import { type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { isFaultless } from '../push/verify.js';
import { spreadOf } from '../spread.js';
import { openTestTopic } from '../test-topic.js';
import { auditLoad } from './audit-load.js';
import { startService } from './service.js';
import type { BackendName } from './service-program.js';

const timeoutMs = 30_000;

/** 1,000,000 pushes called in one go and not awaited one by one: their cost, and the outcome of each. */
export async function measureFlood(
  backend: BackendName,
  { kafka, quick, say }: BenchmarkOptions,
): Promise<BenchmarkResult> {
  const count = quick ? 50_000 : 1_000_000;
  const name = `${backend}.flood`;
  await using topic = await openTestTopic(kafka);
  await using service = startService({ backend, brokers: kafka.brokers, topic: topic.name, timeoutMs });
  const { unacknowledged, ...flooded } = await service.flood(count);
  const audit = await auditLoad(kafka, topic.name, { pushed: count, unacknowledged });
  const outcomes = flooded.acknowledged + unacknowledged.length;
  const summary =
    `${name}: ${count} called in ${Math.round(flooded.callingMs)} ms, ${flooded.acknowledged} acknowledged, ` +
    `failed ${JSON.stringify(flooded.failed)}; of these ${audit.missing} missing, ${audit.repeated} repeated, ${audit.outOfOrder} out of order`;
  say(summary);
  return {
    ...emptyResult,
    notes: [summary],
    figures: [
      {
        name,
        unit: 'acknowledged/s',
        spread: spreadOf([(flooded.acknowledged / flooded.elapsedMs) * 1_000]),
      },
      { name, unit: 'failed', spread: spreadOf([unacknowledged.length]) },
      { name, unit: 'peak MiB', spread: spreadOf([flooded.peakBytes / 2 ** 20]) },
      { name, unit: 'loop delay p99 ms', spread: spreadOf([flooded.loopDelayP99Ms]) },
      { name, unit: 'loop delay max ms', spread: spreadOf([flooded.loopDelayMaxMs]) },
    ],
    verdicts: [
      { name: `${name}.outcomes / pushes`, spread: spreadOf([outcomes / count]), target: { atLeast: 1 } },
    ],
    measurements: [{ name, count, ...flooded, audit }],
    failures: isFaultless(audit) && outcomes === count ? [] : [summary],
  };
}
