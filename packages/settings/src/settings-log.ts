import type { ConsumedRecord, RateLimitedLog } from '@preservarium/backend';
import type { DeviceSettings } from '@preservarium/core';
import type { Devices, Side } from './devices.js';
import { type AcceptedSettings, isAccepted } from './is-accepted.js';
import { readRecord } from './read-record.js';

/** Reads one of the two topics and decides of each record whether it counts. */
export interface SettingsLog {
  readonly side: Side;
  readonly topic: string;
  /** To be called with each record once, in the order of a partition's offsets. Never throws, whatever the record holds. */
  take(record: ConsumedRecord): void;
  /**
   * Returns the verdict on settings that are about to be written: the promise resolves when their record is read, with undefined if it is
   * void. Throws the error that the log has ended with.
   */
  expectVerdict(settings: DeviceSettings): ExpectedVerdict;
  /**
   * Returns whether the newest record of the device is void, so that compaction would keep a void record.
   *
   * @param requestId the push that the record must be of. Default: any
   */
  endsVoid(deviceId: string, requestId?: string): boolean;
  /** Returns the devices whose newest record is void. */
  voidDevices(): Iterable<string>;
  /** Returns how many records could not be read. */
  unreadable(): number;
  /** Rejects all pending verdicts, and every later one. */
  end(error: unknown): void;
}

interface ExpectedVerdict {
  readonly verdict: Promise<AcceptedSettings | undefined>;
  forget(): void;
}

export interface SettingsLogOptions {
  readonly side: Side;
  readonly topic: string;
  readonly devices: Devices;
  readonly warnings: RateLimitedLog;
  onChange(deviceId: string): void;
  onVoid(deviceId: string): void;
}

export function createSettingsLog({
  side,
  topic,
  devices,
  warnings,
  onChange,
  onVoid,
}: SettingsLogOptions): SettingsLog {
  const expected = new Map<string, PromiseWithResolvers<AcceptedSettings | undefined>>();
  /** Request ids of the void records, by device; undefined where the record cannot be read. */
  const endingVoid = new Map<string, string | undefined>();
  let ended: { readonly error: unknown } | undefined;

  let unreadable = 0;

  function take(record: ConsumedRecord): void {
    const read = readRecord(record);
    if (read.kind === 'settings') judge(read.settings, record.offset);
    else if (read.kind === 'tombstone') accept(read.deviceId, undefined);
    else {
      const { partition, offset } = record;
      const { deviceId, reason } = read;
      unreadable += 1;
      warnings.warn('a record of settings cannot be read', { topic, partition, offset, deviceId, reason });
      if (deviceId !== undefined) setVoid(deviceId, undefined);
    }
  }

  function judge(settings: DeviceSettings, version: number): void {
    const { deviceId, requestId, baseVersion } = settings;
    const counts = isAccepted(baseVersion, devices.accepted(side, deviceId));
    const accepted = counts ? { settings, version } : undefined;
    if (accepted === undefined) setVoid(deviceId, requestId);
    else accept(deviceId, accepted);
    expected.get(verdictId(settings))?.resolve(accepted);
  }

  function accept(deviceId: string, accepted: AcceptedSettings | undefined): void {
    if (accepted === undefined && devices.accepted(side, deviceId) === undefined) return;
    endingVoid.delete(deviceId);
    const { notKept } = devices;
    const isKept = devices.set(side, deviceId, accepted);
    if (devices.notKept > notKept) {
      warnings.warn(
        'limits.maxDevices reached: raise it, or delete the settings of devices that do not exist',
        {
          maxDevices: devices.size,
          deviceId,
        },
      );
    }
    if (isKept) onChange(deviceId);
  }

  function setVoid(deviceId: string, requestId: string | undefined): void {
    if (devices.accepted(side, deviceId) === undefined) return;
    endingVoid.set(deviceId, requestId);
    onVoid(deviceId);
  }

  return {
    side,
    topic,
    take,
    expectVerdict(written) {
      if (ended !== undefined) throw ended.error;
      const id = verdictId(written);
      const waiting = Promise.withResolvers<AcceptedSettings | undefined>();
      expected.set(id, waiting);
      return { verdict: waiting.promise, forget: () => expected.delete(id) };
    },
    endsVoid: (deviceId, requestId) =>
      endingVoid.has(deviceId) && (requestId === undefined || endingVoid.get(deviceId) === requestId),
    voidDevices: () => endingVoid.keys(),
    unreadable: () => unreadable,
    end(error) {
      ended = { error };
      for (const waiting of expected.values()) waiting.reject(error);
    },
  };
}

/** Each attempt of a push has another base version. */
function verdictId({ deviceId, requestId, baseVersion }: DeviceSettings): string {
  return JSON.stringify([deviceId, requestId, baseVersion]);
}
