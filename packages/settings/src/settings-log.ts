import type { ConsumedRecord, PublishRecord, RateLimitedLog, Refusal } from '@preservarium/backend';
import { AuthorizationError, type DeviceSettings } from '@preservarium/core';
import type { Devices, Side } from './devices.js';
import { type AcceptedSettings, isAccepted } from './is-accepted.js';
import { type ReadSettings, readRecord } from './read-record.js';
import type { SettingsSignatureCheck } from './settings-signatures.js';

/** Reads one of the two topics and decides of each record whether it counts. */
export interface SettingsLog {
  readonly side: Side;
  readonly topic: string;
  /** To be called with each record once, in the order of a partition's offsets. Never throws, whatever the record holds. */
  take(record: ConsumedRecord): void;
  /** @throws AuthorizationError where the signature of a record that is about to be written would be refused */
  assertCounts(record: PublishRecord, settings: DeviceSettings): void;
  /**
   * Returns the verdict on settings that are about to be written: the promise resolves when their record is read, with undefined if it is
   * void, and rejects if its signature is refused. Throws the error that the log has ended with.
   */
  expectVerdict(settings: DeviceSettings): ExpectedVerdict;
  /**
   * Returns whether the newest record of the device is void, so that compaction would keep a void record.
   *
   * @param requestId the push that the record must be of. Default: any
   */
  endsVoid(deviceId: string, requestId?: string): boolean;
  /** Returns the devices whose newest record is void. */
  voidDevices(): Iterable<VoidDevice>;
  /** Returns how many records could not be read. */
  unreadable(): number;
  /** Rejects all pending verdicts, and every later one. */
  end(error: unknown): void;
}

/** A device whose newest record is void. */
export interface VoidDevice {
  readonly deviceId: string;
  /** The push of the record; undefined where it cannot be read. */
  readonly requestId?: string | undefined;
  /** True: its signature is refused. */
  readonly isRefused?: boolean;
}

interface ExpectedVerdict {
  readonly verdict: Promise<AcceptedSettings | undefined>;
  forget(): void;
}

export interface SettingsLogOptions {
  readonly side: Side;
  readonly topic: string;
  readonly devices: Devices;
  readonly signatures: SettingsSignatureCheck;
  readonly warnings: RateLimitedLog;
  onChange(deviceId: string): void;
  onVoid(device: VoidDevice): void;
}

export function createSettingsLog({
  side,
  topic,
  devices,
  signatures,
  warnings,
  onChange,
  onVoid,
}: SettingsLogOptions): SettingsLog {
  const expected = new Map<string, PromiseWithResolvers<AcceptedSettings | undefined>>();
  const endingVoid = new Map<string, VoidDevice>();
  let ended: { readonly error: unknown } | undefined;

  let unreadable = 0;

  function take(record: ConsumedRecord): void {
    const read = readRecord(record);
    if (read.kind === 'unreadable') {
      const { partition, offset } = record;
      const { deviceId, reason } = read;
      unreadable += 1;
      warnings.warn('a record of settings cannot be read', { topic, partition, offset, deviceId, reason });
      if (deviceId !== undefined) setVoid({ deviceId });
      return;
    }
    const refusal = signatures.judge(record, read);
    if (refusal !== undefined) {
      warnRefused(record, refusal);
      if (signatures.isEnforced) {
        refuse(read, refusal);
        return;
      }
    }
    if (read.kind === 'tombstone') accept(read.deviceId, undefined);
    else judge(read.settings, record.offset, refusal !== undefined);
  }

  function warnRefused({ partition, offset, key }: ConsumedRecord, refusal: Refusal): void {
    const message = signatures.isEnforced
      ? 'a record of settings is refused for its signature'
      : 'a record of settings would be refused for its signature';
    warnings.warn(message, { topic, partition, offset, deviceId: key?.toString(), ...refusal });
  }

  function refuse(read: ReadSettings, refusal: Refusal): void {
    if (read.kind === 'tombstone') {
      setVoid({ deviceId: read.deviceId, isRefused: true });
      return;
    }
    const { deviceId, requestId } = read.settings;
    setVoid({ deviceId, requestId, isRefused: true });
    expected.get(verdictId(read.settings))?.reject(refusedError(deviceId, refusal));
  }

  function judge(settings: DeviceSettings, version: number, isDoubtful: boolean): void {
    const { deviceId, requestId, baseVersion } = settings;
    const counts = isAccepted(baseVersion, devices.accepted(side, deviceId));
    const accepted = counts ? { settings, version, ...(isDoubtful && { isDoubtful }) } : undefined;
    if (accepted === undefined) setVoid({ deviceId, requestId });
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

  function setVoid(device: VoidDevice): void {
    if (devices.accepted(side, device.deviceId) === undefined) return;
    endingVoid.set(device.deviceId, device);
    onVoid(device);
  }

  return {
    side,
    topic,
    take,
    assertCounts({ key, value, headers = [] }, settings) {
      if (!signatures.isEnforced) return;
      const keyBytes = typeof key === 'string' ? Buffer.from(key) : key;
      const record = { topic, key: keyBytes, value, headers };
      const refusal = signatures.refusalOf(record, { kind: 'settings', settings });
      if (refusal !== undefined) throw refusedError(settings.deviceId, refusal);
    },
    expectVerdict(written) {
      if (ended !== undefined) throw ended.error;
      const id = verdictId(written);
      const waiting = Promise.withResolvers<AcceptedSettings | undefined>();
      expected.set(id, waiting);
      return { verdict: waiting.promise, forget: () => expected.delete(id) };
    },
    endsVoid: (deviceId, requestId) =>
      endingVoid.has(deviceId) &&
      (requestId === undefined || endingVoid.get(deviceId)?.requestId === requestId),
    voidDevices: () => endingVoid.values(),
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

function refusedError(deviceId: string, { reason, message }: Refusal): AuthorizationError {
  return new AuthorizationError(
    `settings of device "${deviceId}" do not count (${reason}): ${message}; sign with a trusted key that the policy allows`,
  );
}
