import type { ConsumerStatistics } from './rdkafka-statistics.js';

/** Fetches and heartbeats are answered much more often than this. */
const contactLimitMs = 10_000;

export interface Contact {
  take(statistics: ConsumerStatistics): void;
  /** Returns whether any broker has been heard of lately. */
  has(): boolean;
}

/** Tells from the statistics of a consumer whether the brokers answer it. */
export function createContact(): Contact {
  let heardAtMs = performance.now();
  return {
    take({ brokers }) {
      const idleUs = Object.values(brokers).flatMap(({ rxidle }) => (rxidle < 0 ? [] : [rxidle]));
      heardAtMs = performance.now() - Math.min(...idleUs) / 1_000;
    },
    has: () => performance.now() - heardAtMs < contactLimitMs,
  };
}
