import { assertCounts, assertDurations } from '@preservarium/core';
import type { ConnectorOptions } from './connector-options.js';

/** @throws ConfigurationError that names the first numeric option that cannot work */
export function assertConnectorNumbers({ limits = {}, retry = {}, ...options }: ConnectorOptions): void {
  assertCounts({
    'limits.maxInFlight': limits.maxInFlight,
    'limits.maxInFlightBytes': limits.maxInFlightBytes,
    'limits.maxConcurrentDeliveries': limits.maxConcurrentDeliveries,
    'limits.maxWaiting': limits.maxWaiting,
    'limits.maxRememberedIds': limits.maxRememberedIds,
    'retry.maxAttempts': retry.maxAttempts,
  });
  assertDurations({
    'retry.baseDelayMs': retry.baseDelayMs,
    'retry.maxDelayMs': retry.maxDelayMs,
    'retry.maxWaitMs': retry.maxWaitMs,
    startTimeoutMs: options.startTimeoutMs,
    drainTimeoutMs: options.drainTimeoutMs,
  });
}
