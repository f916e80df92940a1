import { type JsonObject, PusherError } from '@preservarium/core';
import type { Logger } from '@preservarium/publisher';
import type { ReportOutcome } from './deliverer.js';
import { pause } from './pause.js';
import type { SettingsStore } from './settings-store.js';

const reportTimeoutMs = 30_000;
const retryMs = 1_000;
/** When a device may send again what the stopping connector did not keep: others take over by then. */
const stoppingAfterMs = 10_000;
const maxReasonCharacters = 200;

export interface SettingsReportsSettings {
  readonly store: Pick<SettingsStore, 'reportSettings'>;
  readonly logger: Logger;
  /** Aborted when nothing more is to be written. */
  readonly stopped: AbortSignal;
}

/**
 * Makes the function that keeps what a device has reported. It resolves with `kept` once Kafka has the report, with `refused` when
 * Kafka never can have it, and with `later` when the connector stops before. It never rejects.
 */
export function createSettingsReports({ store, logger, stopped }: SettingsReportsSettings) {
  const whenStopped = new Promise<void>((resolve) => stopped.addEventListener('abort', () => resolve()));

  return async function keep(deviceId: string, patch: JsonObject): Promise<ReportOutcome> {
    while (!stopped.aborted) {
      try {
        await store.reportSettings(deviceId, patch, { timeoutMs: reportTimeoutMs, signal: stopped });
        return { kind: 'kept' };
      } catch (error) {
        if (stopped.aborted) break;
        if (!PusherError.isInstance(error) || !error.retryable) {
          const reason = reasonOf(error);
          logger.warn({ deviceId, reason }, 'a report of settings was refused');
          return { kind: 'refused', reason };
        }
        logger.warn({ err: error, deviceId }, 'reported settings are not in Kafka yet; it is tried again');
        await pause(retryMs, whenStopped);
      }
    }
    return { kind: 'later', afterMs: stoppingAfterMs };
  };
}

/** An error may hold thousands of issues of what a device sent: neither the log nor the device gets them all. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, maxReasonCharacters).toWellFormed();
}
