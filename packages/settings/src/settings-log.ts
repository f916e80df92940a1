import { type DeviceSettings, decodeSettings } from '@preservarium/core';
import type { ConsumedRecord, Logger } from '@preservarium/publisher';
import type { Devices, Side } from './devices.js';
import { type AcceptedSettings, isAccepted } from './is-accepted.js';

/** Reads one of the two topics, and says of each record whether it counts. */
export interface SettingsLog {
  readonly side: Side;
  readonly topic: string;
  /** Called with each record once, in the order of a partition's offsets. */
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
  /** Rejects the verdicts that are waited for; no more are given. */
  end(error: unknown): void;
}

interface ExpectedVerdict {
  readonly verdict: Promise<AcceptedSettings | undefined>;
  forget(): void;
}

export interface SettingsLogSettings {
  readonly side: Side;
  readonly topic: string;
  readonly devices: Devices;
  readonly logger: Logger;
  onChange(deviceId: string): void;
  onVoid(deviceId: string): void;
}

export function createSettingsLog({
  side,
  topic,
  devices,
  logger,
  onChange,
  onVoid,
}: SettingsLogSettings): SettingsLog {
  const expected = new Map<string, PromiseWithResolvers<AcceptedSettings | undefined>>();
  /** The devices whose newest record is void, with the push that it is of; undefined where it cannot be read. */
  const endingVoid = new Map<string, string | undefined>();
  let ended: { readonly error: unknown } | undefined;

  function take(record: ConsumedRecord): void {
    const deviceId = record.key?.toString() ?? '';
    if (record.value === null) {
      accept(deviceId, undefined);
      return;
    }
    const settings = read(record, deviceId);
    const counts =
      settings !== undefined && isAccepted(settings.baseVersion, devices.accepted(side, deviceId));
    const accepted = counts ? { settings, version: record.offset } : undefined;
    if (accepted === undefined) setVoid(deviceId, settings?.requestId);
    else accept(deviceId, accepted);
    if (settings !== undefined) expected.get(verdictId(settings))?.resolve(accepted);
  }

  function read(record: ConsumedRecord, deviceId: string): DeviceSettings | undefined {
    const { value, partition, offset, timestampMs } = record;
    const requestId = `${topic}-${partition}-${offset}`;
    const decoded = decodeSettings(value, { requestId, timestamp: new Date(timestampMs) });
    if (decoded.ok && decoded.settings.deviceId === deviceId) return decoded.settings;
    const reason = decoded.ok ? 'its key is not its device' : decoded.message;
    logger.warn({ topic, partition, offset, reason }, 'settings cannot be read');
    return undefined;
  }

  function accept(deviceId: string, accepted: AcceptedSettings | undefined): void {
    if (accepted === undefined && devices.accepted(side, deviceId) === undefined) return;
    endingVoid.delete(deviceId);
    devices.set(side, deviceId, accepted);
    onChange(deviceId);
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
