import type { Backend, RateLimitedLog } from '@preservarium/backend';
import type { Devices, Side } from './devices.js';
import { createMending, type Mending } from './mending.js';
import { createSettingsLog, type SettingsLog } from './settings-log.js';
import { createSettingsWriter, type SettingsWriter } from './settings-writer.js';

/** One of the two topics: its log, its writer and its mending. */
export interface SettingsSide
  extends Pick<SettingsLog, 'topic' | 'take' | 'endsVoid' | 'unreadable'>,
    Pick<SettingsWriter, 'write'>,
    Pick<Mending, 'mendNow'> {
  /** To be called when the topic has been read to its end: what is void before that may have been mended after it. */
  startMending(): void;
  /** Rejects the writes in flight. */
  end(error: unknown): void;
}

export interface SettingsSideOptions {
  readonly side: Side;
  readonly topic: string;
  readonly backend: Backend;
  readonly devices: Devices;
  readonly warnings: RateLimitedLog;
  /** Deadline of writing current settings again, in milliseconds. */
  readonly timeoutMs: number;
  onChange(deviceId: string): void;
}

export function createSettingsSide(options: SettingsSideOptions): SettingsSide {
  const { side, topic, backend, devices, warnings, timeoutMs, onChange } = options;
  let isMending = false;

  const log = createSettingsLog({
    side,
    topic,
    devices,
    warnings,
    onChange,
    onVoid(deviceId) {
      if (isMending) mending.mendSoon(deviceId);
    },
  });
  const writer: SettingsWriter = createSettingsWriter({ backend, log, devices });
  const mending = createMending({ log, writer, timeoutMs, warnings });

  return {
    topic,
    take: log.take,
    endsVoid: log.endsVoid,
    unreadable: log.unreadable,
    write: writer.write,
    mendNow: mending.mendNow,
    startMending() {
      isMending = true;
      for (const deviceId of log.voidDevices()) mending.mendSoon(deviceId);
    },
    end(error) {
      mending.close();
      log.end(error);
    },
  };
}
