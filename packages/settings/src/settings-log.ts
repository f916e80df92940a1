import type { ConsumedRecord, RateLimitedLog } from '@preservarium/backend';
import type { DeviceSettings } from '@preservarium/core';
import type { Devices, Side } from './devices.js';
import { type AcceptedSettings, isAccepted } from './is-accepted.js';
import { readRecord } from './read-record.js';

/** Reads one of the two topics, and says of each record whether it counts. */
export interface SettingsLog {
  readonly side: Side;
  readonly topic: string;
  /** To be called with each record once, in the order of a partition's offsets. Never throws because of what is in the record. */
  take(record: ConsumedRecord): void;
  /**
   * Resolves with the settings when their record comes by and counts, with undefined when it is void. Throws what the log
   * has ended with.
   */
  expectVerdict(settings: DeviceSettings): ExpectedVerdict;
  /**
   * Whether the newest record of the device is void, so that compaction would keep that one.
   *
   * @param requestId only if it is of this push. Default: whosever it is
   */
  endsVoid(deviceId: string, requestId?: string): boolean;
  /** The devices whose newest record is void. */
  voidDevices(): Iterable<string>;
  /** How many records could not be read. */
  unreadable(): number;
  /** Rejects the verdicts that are waited for; no more are given. */
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
  /** The devices whose newest record is void, with the push that it is of; undefined where it cannot be read. */
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

/** Each try of a push is made from another version. */
function verdictId({ deviceId, requestId, baseVersion }: DeviceSettings): string {
  return JSON.stringify([deviceId, requestId, baseVersion]);
}
