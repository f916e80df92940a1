import type { Backend, Logger, RateLimitedLog } from '@preservarium/backend';
import type { Devices, Side } from './devices.js';
import { createMending, type Mending } from './mending.js';
import { createSettingsLog, type SettingsLog } from './settings-log.js';
import { createSettingsWriter, type SettingsWriter } from './settings-writer.js';

/** One of the two topics: what is read from it, who writes to it, and who mends it. */
export interface SettingsSide
  extends Pick<SettingsLog, 'topic' | 'take' | 'endsVoid' | 'unreadable'>,
    Pick<SettingsWriter, 'write'>,
    Pick<Mending, 'mendNow'> {
  /** To be called when all is read that was in the topic at the start: what was void then may have been mended since. */
  startMending(): void;
  /** Fails what is under way. */
  end(error: unknown): void;
}

export interface SettingsSideOptions {
  readonly side: Side;
  readonly topic: string;
  readonly backend: Backend;
  readonly devices: Devices;
  readonly logger: Logger;
  readonly warnings: RateLimitedLog;
  /** Deadline of what is mended, in milliseconds. */
  readonly timeoutMs: number;
  onChange(deviceId: string): void;
}

export function createSettingsSide(options: SettingsSideOptions): SettingsSide {
  const { side, topic, backend, devices, logger, warnings, timeoutMs, onChange } = options;
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
  const mending = createMending({ log, writer, timeoutMs, logger });

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
