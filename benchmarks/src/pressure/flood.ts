import { monitorEventLoopDelay } from 'node:perf_hooks';
import { PusherError } from '@preservarium/core';
import type { PusherService } from '@preservarium/publisher';
import { inputOf } from '../numbered-command.js';

export interface Flooded {
  /** How long it took to call them all, during which nothing else has its turn. */
  readonly callingMs: number;
  /** Until the last was answered. */
  readonly elapsedMs: number;
  readonly acknowledged: number;
  /** How many failed with each code. */
  readonly failed: Readonly<Record<string, number>>;
  /** How late the event loop was after they had been called. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly unacknowledged: readonly number[];
}

/** Calls `pushCommand` so many times in one go, as no application should, and waits for all answers. */
export async function flood(service: Pick<PusherService, 'pushCommand'>, count: number): Promise<Flooded> {
  const failed: Record<string, number> = {};
  const unacknowledged: number[] = [];
  let acknowledged = 0;

  async function push(number: number): Promise<void> {
    try {
      await service.pushCommand(inputOf(number));
      acknowledged++;
    } catch (error) {
      const code = PusherError.isInstance(error) ? error.code : String(error);
      failed[code] = (failed[code] ?? 0) + 1;
      unacknowledged.push(number);
    }
  }

  const startedAtMs = performance.now();
  const pushing = Array.from({ length: count }, (_, number) => push(number));
  const callingMs = performance.now() - startedAtMs;
  const loopDelay = monitorEventLoopDelay({ resolution: 10 });
  loopDelay.enable();
  await Promise.all(pushing);
  loopDelay.disable();
  return {
    callingMs,
    elapsedMs: performance.now() - startedAtMs,
    acknowledged,
    failed,
    loopDelayP99Ms: loopDelay.percentile(99) / 1_000_000,
    loopDelayMaxMs: loopDelay.max / 1_000_000,
    unacknowledged,
  };
}
