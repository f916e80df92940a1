import { type JsonObject, PusherError } from '@preservarium/core';
import type { Logger } from '@preservarium/publisher';
import { pause } from './pause.js';
import type { SettingsStore } from './settings-store.js';

const reportTimeoutMs = 30_000;
const retryMs = 1_000;

export interface SettingsReportsSettings {
  readonly store: Pick<SettingsStore, 'reportSettings'>;
  readonly logger: Logger;
  /** Aborted when nothing more is to be written. */
  readonly stopped: AbortSignal;
}

/**
 * Makes the function that keeps what a device has reported. It resolves once Kafka has it, or never can have it, which is logged;
 * and never where the connector stops before, so that who waits for it does not acknowledge it. It never rejects.
 */
export function createSettingsReports({ store, logger, stopped }: SettingsReportsSettings) {
  const whenStopped = new Promise<void>((resolve) => stopped.addEventListener('abort', () => resolve()));

  return async function keep(deviceId: string, patch: JsonObject): Promise<void> {
    while (!stopped.aborted) {
      try {
        await store.reportSettings(deviceId, patch, { timeoutMs: reportTimeoutMs, signal: stopped });
        return;
      } catch (error) {
        if (stopped.aborted) break;
        if (!PusherError.isInstance(error) || !error.retryable) {
          logger.warn({ err: error, deviceId }, 'what a device reported of its settings was dropped');
          return;
        }
        logger.warn({ err: error, deviceId }, 'reported settings are not in Kafka yet; it is tried again');
        await pause(retryMs, whenStopped);
      }
    }
    return new Promise(() => {});
  };
}
