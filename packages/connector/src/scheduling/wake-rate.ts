/** After a rest, so much of the rate may come at once. */
const burstMs = 100;

/** Bounds how many devices are taken up in a second. */
export interface WakeRate {
  /** Returns after how many milliseconds another one may be taken up; 0 for now. */
  leftMs(nowMs: number): number;
  /** One is taken up. */
  take(nowMs: number): void;
}

export function createWakeRate(perSecond: number): WakeRate {
  const intervalMs = 1_000 / perSecond;
  let nextMs = Number.NEGATIVE_INFINITY;
  return {
    leftMs: (nowMs) => Math.max(0, nextMs - nowMs),
    take(nowMs) {
      nextMs = Math.max(nextMs, nowMs - burstMs) + intervalMs;
    },
  };
}
