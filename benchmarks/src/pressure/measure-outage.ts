import { type BenchmarkOptions, type BenchmarkResult, emptyResult } from '../benchmark.js';
import { isFaultless } from '../push/verify.js';
import { spreadOf } from '../spread.js';
import { openTestTopic } from '../test-topic.js';
import { auditLoad } from './audit-load.js';
import type { Outage } from './outage.js';
import { type Sample, startService } from './service.js';
import type { BackendName } from './service-program.js';

const perSecond = 2_000;
/** How a push may fail when brokers take nothing before its deadline. */
const expectedCodes = ['PUBLISH_TIMED_OUT', 'QUEUE_FULL', 'BACKEND_UNAVAILABLE'];
/** For a push to be answered after its deadline. */
const lateTarget = { atMost: 1_000 };
/** Of the deadline, before which a push does not give up. */
const patienceTarget = { atLeast: 0.99 };
const recoveredTarget = { atLeast: 0.9 };

/** Brokers that take nothing for 30 seconds under load: how pushes end meanwhile, and what comes after. */
export async function measureOutage(
  backend: BackendName,
  outage: Outage,
  { kafka, quick, say }: BenchmarkOptions,
): Promise<BenchmarkResult> {
  const name = `${backend}.${outage.name}`;
  const [calmMs, outageMs, timeoutMs] = quick ? [3_000, 6_000, 3_000] : [10_000, 30_000, 10_000];
  await using topic = await openTestTopic(kafka);
  await using service = startService({ backend, brokers: kafka.brokers, topic: topic.name, timeoutMs });
  await service.start(perSecond);
  const before = await service.watch(calmMs);
  await outage.begin(kafka);
  const during = await service.watch(outageMs);
  await outage.end(kafka);
  // Every push in flight is answered after another deadline.
  const recovering = await service.watch(timeoutMs + calmMs);
  const after = await service.watch(calmMs);
  const { unacknowledged, ...total } = await service.stop();
  const audit = await auditLoad(kafka, topic.name, { pushed: total.pushed, unacknowledged });

  const unexpected = Object.keys(total.failed).filter((code) => !expectedCodes.includes(code));
  const answered = total.acknowledged + unacknowledged.length;
  const perSecondBefore = acknowledgedPerSecond(before);
  const perSecondAfter = acknowledgedPerSecond(after);
  const summary =
    `${name}: ${total.pushed} pushed, ${answered} answered, ${total.acknowledged} acknowledged, failed ` +
    `${JSON.stringify(total.failed)}; of these ${audit.missing} missing, ${audit.repeated} repeated, ${audit.outOfOrder} out of order`;
  say(summary);
  const complete = isFaultless(audit) && unexpected.length === 0 && answered === total.pushed;
  return {
    ...emptyResult,
    notes: [summary],
    figures: [
      { name, unit: 'acknowledged/s before', spread: spreadOf([perSecondBefore]) },
      { name, unit: 'acknowledged/s after', spread: spreadOf([perSecondAfter]) },
      { name, unit: 'failed', spread: spreadOf([unacknowledged.length]) },
      { name, unit: 'peak MiB', spread: spreadOf([total.peakBytes / 2 ** 20]) },
    ],
    verdicts: [
      {
        name: `${name}.slowestAnswer - deadline`,
        unit: 'ms',
        spread: spreadOf([total.slowestAnswerMs - timeoutMs]),
        target: lateTarget,
      },
      {
        name: `${name}.quickestFailure / deadline`,
        spread: spreadOf([total.quickestFailureMs / timeoutMs]),
        target: patienceTarget,
      },
      {
        name: `${name}.after / before`,
        spread: spreadOf([perSecondAfter / perSecondBefore]),
        target: recoveredTarget,
      },
    ],
    measurements: [{ name, ...total, audit, samples: [...before, ...during, ...recovering, ...after] }],
    failures: complete ? [] : [summary],
  };
}

function acknowledgedPerSecond(samples: readonly Sample[]): number {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return Number.NaN;
  return ((last.acknowledged - first.acknowledged) / (last.atMs - first.atMs)) * 1_000;
}
