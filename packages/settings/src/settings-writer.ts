import type { PublisherBackend, PublishRecord, RecordSigner } from '@preservarium/backend';
import { type DeadlineOptions, withDeadline } from '@preservarium/concurrency';
import { type DeviceSettings, encodeSettings, PublishTimedOutError } from '@preservarium/core';
import type { Devices } from './devices.js';
import { createInTurn } from './in-turn.js';
import { type AcceptedSettings, noVersion } from './is-accepted.js';
import type { SettingsLog } from './settings-log.js';

/** Returns the settings to write, made from the current ones; undefined if no change is needed. */
export type Change = (current: AcceptedSettings | undefined) => DeviceSettings | undefined;

interface WriteOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface SettingsWriter {
  /**
   * Writes a change until it counts: after a concurrent change it applies `change` to the new settings and writes again. Resolves with the
   * settings that are current then. Rejects with what `change` throws, with `PUBLISH_TIMED_OUT`, or with `AUTHORIZATION_FAILED` where the
   * signature would be refused.
   */
  write(deviceId: string, change: Change, options: WriteOptions): Promise<AcceptedSettings | undefined>;
}

export interface SettingsWriterOptions {
  readonly backend: PublisherBackend;
  readonly log: SettingsLog;
  readonly devices: Devices;
  /** Default: records are not signed. */
  readonly sign?: RecordSigner | undefined;
}

/** Returns a writer that publishes settings and learns from the log whether they count. */
export function createSettingsWriter({ backend, log, devices, sign }: SettingsWriterOptions): SettingsWriter {
  const inTurn = createInTurn();

  function recordOf(settings: DeviceSettings): PublishRecord {
    const record = { topic: log.topic, key: settings.deviceId, value: encodeSettings(settings) };
    return sign === undefined ? record : sign(record, { kind: 'settings', id: settings.requestId });
  }

  async function attempt(settings: DeviceSettings, waitOptions: DeadlineOptions) {
    const record = recordOf(settings);
    log.assertCounts(record, settings);
    const { verdict, forget } = log.expectVerdict(settings);

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
          // Settings that may have been left out at `maxDevices` cannot be built upon: replace them, so that all readers agree.
          const base = devices.isKnown(log.side, deviceId) ? noVersion : undefined;
          const baseVersion = current?.version ?? base;
          const accepted = await attempt({ ...next, baseVersion }, waitOptions(true));
          if (accepted !== undefined) return accepted;
        }
      });
    },
  };
}
