import type { Logger } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { createRequestId } from '@preservarium/core';
import type { SettingsLog } from './settings-log.js';
import type { SettingsWriter } from './settings-writer.js';

const firstDelayMs = 5_000;
const spreadMs = 5_000;

/**
 * Compaction keeps the newest record of a device, so that must be one that counts. Where it is void, what is current is
 * written again.
 */
export interface Mending {
  /** Writes what is current again, if the newest record is void still. Resolves in time in any case. */
  mendNow(deviceId: string, timeoutMs: number): Promise<void>;
  /**
   * The same in 5 to 10 s: whoever wrote the void record may do it until then, and of all who read the topic one is likely
   * to be the first.
   */
  mendSoon(deviceId: string): void;
  close(): void;
}

export interface MendingOptions {
  readonly log: SettingsLog;
  readonly writer: SettingsWriter;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

export function createMending({ log, writer, timeoutMs: defaultTimeoutMs, logger }: MendingOptions): Mending {
  const timers = new Map<string, NodeJS.Timeout>();
  let closed = false;

  async function mend(deviceId: string, timeoutMs: number): Promise<void> {
    try {
      await writer.write(
        deviceId,
        (current) =>
          current && log.endsVoid(deviceId)
            ? { ...current.settings, requestId: createRequestId() }
            : undefined,
        { timeoutMs },
      );
    } catch (error) {
      if (closed) return;
      logger.warn({ err: error, deviceId }, 'settings could not be written again; it will be tried later');
      mendSoon(deviceId);
    }
  }

  function mendSoon(deviceId: string): void {
    if (closed || timers.has(deviceId)) return;
    const timer = setTimeout(
      () => {
        timers.delete(deviceId);
        void mend(deviceId, defaultTimeoutMs);
      },
      firstDelayMs + Math.random() * spreadMs,
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
