import type { PublisherBackend } from '@preservarium/backend';
import { type DeadlineOptions, withDeadline } from '@preservarium/concurrency';
import { type DeviceSettings, encodeSettings, PublishTimedOutError } from '@preservarium/core';
import type { Devices } from './devices.js';
import { createInTurn } from './in-turn.js';
import { type AcceptedSettings, noVersion } from './is-accepted.js';
import type { SettingsLog } from './settings-log.js';

/** What is to be written, made from what is current; nothing where no change is needed. */
export type Change = (current: AcceptedSettings | undefined) => DeviceSettings | undefined;

interface WriteOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface SettingsWriter {
  /**
   * Writes a change, and again on top of what came in between, until it counts. Resolves with what is current then; rejects
   * with what `change` throws.
   */
  write(deviceId: string, change: Change, options: WriteOptions): Promise<AcceptedSettings | undefined>;
}

export interface SettingsWriterOptions {
  readonly backend: PublisherBackend;
  readonly log: SettingsLog;
  readonly devices: Devices;
}

/** Writes settings, and learns from the log whether they count. */
export function createSettingsWriter({ backend, log, devices }: SettingsWriterOptions): SettingsWriter {
  const inTurn = createInTurn();

  async function attempt(settings: DeviceSettings, waitOptions: DeadlineOptions) {
    const { verdict, forget } = log.expectVerdict(settings);
    const record = { topic: log.topic, key: settings.deviceId, value: encodeSettings(settings) };

    async function publish(): Promise<AcceptedSettings | undefined> {
      const [outcome] = await backend.publish([record], waitOptions);
      if (outcome?.ok === false) throw outcome.error;
      return verdict;
    }

    try {
      return await withDeadline(Promise.race([verdict, publish()]), waitOptions);
    } finally {
      forget();
    }
  }

  return {
    write(deviceId, change, { timeoutMs, signal }) {
      const endMs = performance.now() + timeoutMs;
      const waitOptions = (mayBeWritten: boolean): DeadlineOptions => ({
        doing: `write the settings of ${deviceId}`,
        timeoutMs: Math.max(1, endMs - performance.now()),
        signal,
        timedOut: () => new PublishTimedOutError(timeoutMs, { mayBeWritten }),
      });
      return inTurn(deviceId, waitOptions(false), async () => {
        for (;;) {
          const current = devices.accepted(log.side, deviceId);
          const next = change(current);
          if (next === undefined) return current;
          // What may have been left out at `maxDevices` cannot be built upon: it is replaced, so that all readers agree.
          const base = devices.isKnown(log.side, deviceId) ? noVersion : undefined;
          const baseVersion = current?.version ?? base;
          const accepted = await attempt({ ...next, baseVersion }, waitOptions(true));
          if (accepted !== undefined) return accepted;
        }
      });
    },
  };
}
