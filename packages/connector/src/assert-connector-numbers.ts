import { assertCounts, assertDurations } from '@preservarium/core';
import type { ConnectorOptions } from './connector-options.js';

/** @throws ConfigurationError that names the first numeric option that cannot work */
export function assertConnectorNumbers({
  limits = {},
  retry = {},
  proof = {},
  ...options
}: ConnectorOptions): void {
  const named = Object.entries(limits).map(([name, value]) => [`limits.${name}`, value]);
  assertCounts({ ...Object.fromEntries(named), 'retry.maxAttempts': retry.maxAttempts });
  assertDurations({
    'retry.baseDelayMs': retry.baseDelayMs,
    'retry.maxDelayMs': retry.maxDelayMs,
    'retry.maxWaitMs': retry.maxWaitMs,
    'proof.answerWithinMs': proof.answerWithinMs,
    maxDowntimeMs: options.maxDowntimeMs,
    startTimeoutMs: options.startTimeoutMs,
    drainTimeoutMs: options.drainTimeoutMs,
  });
}
