import { createRateLimitedLog, type Logger } from '@preservarium/backend';
import { cutText, type JsonObject, PusherError } from '@preservarium/core';
import type { ReportOutcome } from '@preservarium/deliverer';
import { pause } from '../pause.js';
import type { SettingsStore } from './settings-store.js';

/** As long as a timer can take: a report that was given up and made anew would overtake newer ones of its device. */
const reportTimeoutMs = 2 ** 31 - 1;
const retryMs = 1_000;
/** When a device may send again what the stopping connector did not keep: others take over by then. */
const stoppingAfterMs = 10_000;
const maxReasonCharacters = 200;

export interface SettingsReportsOptions {
  readonly store: Pick<SettingsStore, 'reportSettings'>;
  readonly logger: Logger;
  /** Aborted when nothing more is to be written. */
  readonly stopped: AbortSignal;
}

/**
 * Returns the function that keeps what a device has reported. It resolves with what the store says, with `refused` when the store never
 * can take the report, and with `later` when the connector stops before. It never rejects.
 */
export function createSettingsReports({ store, logger, stopped }: SettingsReportsOptions) {
  const warnings = createRateLimitedLog(logger);
  const whenStopped = new Promise<void>((resolve) => stopped.addEventListener('abort', () => resolve()));

  return async function keep(deviceId: string, patch: JsonObject): Promise<ReportOutcome> {
    while (!stopped.aborted) {
      try {
        return await store.reportSettings(deviceId, patch, { timeoutMs: reportTimeoutMs, signal: stopped });
      } catch (error) {
        if (stopped.aborted) break;
        const reason = cutText(error instanceof Error ? error.message : String(error), maxReasonCharacters);
        if (!PusherError.isInstance(error) || !error.retryable) {
          warnings.warn('a report of settings was refused', { deviceId, reason });
          return { kind: 'refused', reason };
        }
        warnings.warn('reported settings are not in Kafka yet: the connector retries', { deviceId, reason });
        await pause(retryMs, whenStopped);
      }
    }
    return { kind: 'later', afterMs: stoppingAfterMs };
  };
}
