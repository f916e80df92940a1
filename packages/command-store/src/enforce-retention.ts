import type { Logger } from '@preservarium/backend';
import { ConfigurationError } from '@preservarium/core';
import type { CommandStore } from './command-store.js';
import type { FeedRetention } from './command-store-feed.js';

const intervalMs = 60_000;
const maxUncheckedEvents = 10_000;
const dayMs = 24 * 60 * 60 * 1_000;

/** Keeps a store within its limits. */
export interface RetentionEnforcer {
  /** Call and await it after each save: it prunes after many events. */
  afterSave(eventCount: number): Promise<void>;
  /** Prunes now. A failure is logged; the next call tries again. */
  enforce(): Promise<void>;
  stop(): void;
}

/** Begins to prune the store every minute. */
export function enforceRetention(
  store: CommandStore,
  { maxAgeMs = 30 * dayMs, maxCommands = 1_000_000 }: FeedRetention,
  logger: Logger,
): RetentionEnforcer {
  if (maxAgeMs !== Number.POSITIVE_INFINITY) requireCount('maxAgeMs', maxAgeMs);
  requireCount('maxCommands', maxCommands);
  let uncheckedEvents = 0;
  let pruning: Promise<void> | undefined;

  function finishedBefore(): Date | undefined {
    return Number.isFinite(maxAgeMs) ? new Date(Date.now() - maxAgeMs) : undefined;
  }

  async function prune(): Promise<void> {
    try {
      const count = await store.prune({ finishedBefore: finishedBefore(), maxCommands });
      if (count > 0) logger.info({ count }, 'commands beyond the retention were forgotten');
    } catch (error) {
      logger.warn({ err: error }, 'the store could not be pruned; it is tried again');
    }
  }

  function enforce(): Promise<void> {
    uncheckedEvents = 0;
    pruning ??= prune().finally(() => {
      pruning = undefined;
    });
    return pruning;
  }

  const timer = setInterval(() => void enforce(), intervalMs).unref();
  return {
    async afterSave(eventCount) {
      uncheckedEvents += eventCount;
      if (uncheckedEvents >= maxUncheckedEvents) await enforce();
    },
    enforce,
    stop: () => clearInterval(timer),
  };
}

function requireCount(name: keyof FeedRetention, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new ConfigurationError(
    `retention.${name} is ${value}, and must be a whole number from 1, for example 100000`,
  );
}
