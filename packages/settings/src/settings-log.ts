import type { ConsumedRecord, PublishRecord, RateLimitedLog, Refusal } from '@preservarium/backend';
import { createKeyedSet } from '@preservarium/concurrency';
import { AuthorizationError, type DeviceSettings } from '@preservarium/core';
import type { Devices } from './devices.js';
import type { DocumentStore, Side, VoidDevice } from './documents/document-store.js';
import { type AcceptedSettings, isAccepted } from './is-accepted.js';
import { type ReadSettings, readRecord } from './read-record.js';
import { type Rivals, writerOf } from './rivals.js';
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

interface ExpectedVerdict {
  readonly verdict: Promise<AcceptedSettings | undefined>;
  /** Resolves when another change counts, so that these settings will be void, maybe long before their record is read. */
  readonly overtaken: Promise<void>;
  forget(): void;
}

interface Expected {
  readonly settings: DeviceSettings;
  readonly verdict: PromiseWithResolvers<AcceptedSettings | undefined>;
  readonly overtaken: PromiseWithResolvers<void>;
}

export interface SettingsLogOptions {
  readonly side: Side;
  readonly topic: string;
  readonly devices: Devices;
  readonly documents: Pick<DocumentStore, 'voidOf' | 'setVoid' | 'removeVoid' | 'voids'>;
  readonly signatures: SettingsSignatureCheck;
  readonly rivals: Pick<Rivals, 'onVoid' | 'onAccepted'>;
  readonly warnings: RateLimitedLog;
  onChange(deviceId: string): void;
  onVoid(device: VoidDevice): void;
}

export function createSettingsLog({
  side,
  topic,
  devices,
  documents,
  signatures,
  rivals,
  warnings,
  onChange,
  onVoid,
}: SettingsLogOptions): SettingsLog {
  const expected = createKeyedSet<Expected>();
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
    else judge(read.settings, record, refusal !== undefined);
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
    for (const each of expected.of(deviceId)) {
      if (isSameAttempt(each.settings, read.settings)) each.verdict.reject(refusedError(deviceId, refusal));
    }
  }

  function judge(settings: DeviceSettings, record: ConsumedRecord, isDoubtful: boolean): void {
    const { deviceId, requestId, baseVersion } = settings;
    const counts = isAccepted(baseVersion, devices.accepted(side, deviceId));
    const version = record.offset;
    const accepted = counts ? { settings, version, ...(isDoubtful && { isDoubtful }) } : undefined;
    const writer = writerOf(record) ?? requestId;
    if (accepted === undefined) {
      rivals.onVoid(deviceId, writer);
      setVoid({ deviceId, requestId });
    } else {
      rivals.onAccepted(deviceId, writer);
      accept(deviceId, accepted);
    }
    for (const each of expected.of(deviceId)) {
      if (isSameAttempt(each.settings, settings)) {
        // It has its verdict, so a later change does not overtake it.
        expected.remove(deviceId, each);
        each.verdict.resolve(accepted);
      } else if (!isAccepted(each.settings.baseVersion, accepted)) {
        each.overtaken.resolve();
      }
    }
  }

  function accept(deviceId: string, accepted: AcceptedSettings | undefined): void {
    if (accepted === undefined && devices.accepted(side, deviceId) === undefined) return;
    documents.removeVoid(side, deviceId);
    const { notKept } = devices;
    const isKept = devices.set(side, deviceId, accepted);
    if (devices.notKept > notKept) {
      warnings.warn(
        'limit of settings reached: raise it, or delete the settings of devices that do not exist',
        { limit: devices.limit(), devices: devices.size, deviceId },
      );
    }
    if (isKept) onChange(deviceId);
  }

  function setVoid(device: VoidDevice): void {
    if (devices.accepted(side, device.deviceId) === undefined) return;
    documents.setVoid(side, device);
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
      const verdict = Promise.withResolvers<AcceptedSettings | undefined>();
      // Mark the rejection as handled: a writer may have gone on before the end.
      verdict.promise.catch(() => {});
      const overtaken = Promise.withResolvers<void>();
      const waiting = { settings: written, verdict, overtaken };
      expected.add(written.deviceId, waiting);
      return {
        verdict: verdict.promise,
        overtaken: overtaken.promise,
        forget: () => expected.remove(written.deviceId, waiting),
      };
    },
    endsVoid(deviceId, requestId) {
      const found = documents.voidOf(side, deviceId);
      return found !== undefined && (requestId === undefined || found.requestId === requestId);
    },
    voidDevices: () => documents.voids(side),
    unreadable: () => unreadable,
    end(error) {
      ended = { error };
      for (const { verdict } of expected.all()) verdict.reject(error);
    },
  };
}

/** Each attempt of a push has another base version. */
function isSameAttempt(one: DeviceSettings, other: DeviceSettings): boolean {
  return one.requestId === other.requestId && one.baseVersion === other.baseVersion;
}

function refusedError(deviceId: string, { reason, message }: Refusal): AuthorizationError {
  return new AuthorizationError(
    `settings of device "${deviceId}" do not count (${reason}): ${message}; sign with a trusted key that the policy allows`,
  );
}
