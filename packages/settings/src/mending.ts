import type { RateLimitedLog } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { AuthorizationError, createRequestId } from '@preservarium/core';
import type { VoidDevice } from './documents/document-store.js';
import type { SettingsLog } from './settings-log.js';
import type { SettingsWriter } from './settings-writer.js';

const firstDelayMs = 5_000;
const spreadMs = 5_000;
/** A program that writes without a key would have its records answered at its own pace. */
const refusedFactor = 60;

/**
 * Writes current settings again where the newest record of their device is void. Compaction keeps the newest record of a device, so that
 * must be one that counts.
 */
export interface Mending {
  /** Writes the current settings again if the newest record is still void. Resolves within `timeoutMs`; never rejects. */
  mendNow(deviceId: string, timeoutMs: number): Promise<void>;
  /**
   * Does the same in 5 to 10 s, where the signature was refused in 5 to 10 minutes. Until then the writer of the void record may do it; the random delay makes it likely that only one of all
   * readers does it after that.
   */
  mendSoon(device: Pick<VoidDevice, 'deviceId' | 'isRefused'>): void;
  close(): void;
}

export interface MendingOptions {
  readonly log: SettingsLog;
  readonly writer: SettingsWriter;
  readonly timeoutMs: number;
  readonly warnings: RateLimitedLog;
}

export function createMending({
  log,
  writer,
  timeoutMs: defaultTimeoutMs,
  warnings,
}: MendingOptions): Mending {
  const timers = new Map<string, NodeJS.Timeout>();
  let closed = false;

  async function mend(deviceId: string, timeoutMs: number): Promise<void> {
    const requestId = createRequestId();
    try {
      await writer.write(
        deviceId,
        (current) =>
          current && !current.isDoubtful && log.endsVoid(deviceId)
            ? { ...current.settings, requestId }
            : undefined,
        { timeoutMs },
      );
    } catch (error) {
      if (closed) return;
      const isRefused = AuthorizationError.isInstance(error);
      const when = isRefused ? '5 to 10 minutes' : '5 to 10 s';
      warnings.warn(`settings could not be written again: retrying in ${when}`, { err: error, deviceId });
      mendSoon({ deviceId, isRefused });
    }
  }

  function mendSoon({ deviceId, isRefused = false }: Pick<VoidDevice, 'deviceId' | 'isRefused'>): void {
    if (closed || timers.has(deviceId)) return;
    const timer = setTimeout(
      () => {
        timers.delete(deviceId);
        void mend(deviceId, defaultTimeoutMs);
      },
      (firstDelayMs + Math.random() * spreadMs) * (isRefused ? refusedFactor : 1),
    );
    timers.set(deviceId, timer.unref());
  }

  return {
    async mendNow(deviceId, timeoutMs) {
      await settledWithin(mend(deviceId, timeoutMs), timeoutMs);
    },
    mendSoon,
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
