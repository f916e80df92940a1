import { cutText } from '@preservarium/core';
import type { Logger } from './logger.js';

const intervalMs = 60_000;
const maxTextCharacters = 200;

/** Logs each warning at most once a minute, with how often it occurred. */
export interface RateLimitedLog {
  /**
   * @param message must be one of a few: each is counted for itself
   * @param fields of this occurrence; texts are cut to 200 characters
   */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/**
 * Returns a log for what devices and foreign writers can cause as often as they like. The first occurrence of a message is logged at once;
 * later ones are counted, and the next one after a minute is logged with their number as `count`.
 *
 * @param options.nowMs milliseconds of a clock that never goes back. Default: `performance.now`
 */
export function createRateLimitedLog(
  logger: Pick<Logger, 'warn'>,
  { nowMs = () => performance.now() }: { readonly nowMs?: () => number } = {},
): RateLimitedLog {
  const states = new Map<string, { count: number; loggedAtMs: number }>();
  return {
    warn(message, fields) {
      const state = states.get(message) ?? { count: 0, loggedAtMs: Number.NEGATIVE_INFINITY };
      states.set(message, state);
      state.count += 1;
      if (nowMs() - state.loggedAtMs < intervalMs) return;
      logger.warn({ ...cutTexts(fields), count: state.count }, message);
      state.count = 0;
      state.loggedAtMs = nowMs();
    },
  };
}

function cutTexts(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const cut = (value: unknown) => (typeof value === 'string' ? cutText(value, maxTextCharacters) : value);
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cut(value)]));
}
