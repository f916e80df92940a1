import { PusherError } from '@preservarium/core';
import type { PusherService } from '@preservarium/publisher';
import { inputOf } from '../numbered-command.js';
import { quantileOf } from '../quantile-of.js';

/** The outcomes of the pushes so far; the latencies are of those that were answered since the last tally. */
export interface LoadTally {
  readonly pushed: number;
  readonly acknowledged: number;
  /** How many failed with each code. */
  readonly failed: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The longest that any push took to be answered, whatever the answer. */
  readonly slowestAnswerMs: number;
  /** The shortest that any push took to fail; `Infinity` while none has. */
  readonly quickestFailureMs: number;
}

export interface Load {
  tally(): LoadTally;
  /** Begins no more, and resolves when all are answered, with the numbers of those that were not acknowledged. */
  stop(): Promise<readonly number[]>;
}

const tickMs = 5;

/** Begins so many pushes each second, whether or not those before are answered. */
export function startLoad(service: Pick<PusherService, 'pushCommand'>, perSecond: number): Load {
  const startedAtMs = performance.now();
  const underWay = new Set<Promise<void>>();
  const unacknowledged: number[] = [];
  const failed: Record<string, number> = {};
  let latenciesMs: number[] = [];
  let pushed = 0;
  let acknowledged = 0;
  let slowestAnswerMs = 0;
  let quickestFailureMs = Number.POSITIVE_INFINITY;

  async function push(number: number): Promise<void> {
    const pushedAtMs = performance.now();
    try {
      await service.pushCommand(inputOf(number));
      acknowledged++;
    } catch (error) {
      const code = PusherError.isInstance(error) ? error.code : String(error);
      failed[code] = (failed[code] ?? 0) + 1;
      unacknowledged.push(number);
      quickestFailureMs = Math.min(quickestFailureMs, performance.now() - pushedAtMs);
    }
    const latencyMs = performance.now() - pushedAtMs;
    latenciesMs.push(latencyMs);
    slowestAnswerMs = Math.max(slowestAnswerMs, latencyMs);
  }

  const timer = setInterval(() => {
    const due = ((performance.now() - startedAtMs) * perSecond) / 1_000;
    while (pushed < due) {
      const pushing: Promise<void> = push(pushed++).finally(() => underWay.delete(pushing));
      underWay.add(pushing);
    }
  }, tickMs);

  return {
    tally() {
      const sinceLast = latenciesMs;
      latenciesMs = [];
      return {
        pushed,
        acknowledged,
        failed: { ...failed },
        p50Ms: quantileOf(sinceLast, 0.5),
        p99Ms: quantileOf(sinceLast, 0.99),
        slowestAnswerMs,
        quickestFailureMs,
      };
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
      return unacknowledged;
    },
  };
}
