import type { ConsumedRecord } from '@preservarium/backend';
import { cutText, type DeviceSettings, decodeSettings } from '@preservarium/core';

/**
 * Largest value that is read, in bytes (1 MiB). It is fixed, because all readers must agree on which records count: an option
 * would make one reader write again what another considers void.
 */
const maxValueBytes = 1_048_576;
/** A device id has at most 256 characters, each with at most 4 bytes. */
const maxKeyBytes = 1_024;
const controlCharacters = /\p{Cc}/u;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The content of one record of a settings topic. */
export type ReadRecord =
  | { readonly kind: 'settings'; readonly settings: DeviceSettings }
  /** The settings of the device are deleted. */
  | { readonly kind: 'tombstone'; readonly deviceId: string }
  /** `deviceId` is missing if the key is not one: then the record concerns no device. */
  | { readonly kind: 'unreadable'; readonly deviceId?: string; readonly reason: string };

export type ReadSettings = Exclude<ReadRecord, { readonly kind: 'unreadable' }>;

/** Returns the content of a record of a settings topic. Never throws, whatever the key and the value are. */
export function readRecord(record: ConsumedRecord): ReadRecord {
  const deviceId = readDeviceId(record.key);
  if (deviceId === undefined) return { kind: 'unreadable', reason: 'the key is not a device id' };
  const { value } = record;
  if (value === null) return { kind: 'tombstone', deviceId };
  const unreadable = (reason: string): ReadRecord => ({
    kind: 'unreadable',
    deviceId,
    reason: cutText(reason),
  });
  if (value.length > maxValueBytes) {
    return unreadable(`the value has ${value.length} bytes, the limit is ${maxValueBytes}`);
  }
  const decoded = decode(record, value);
  if (!decoded.ok) return unreadable(decoded.message);
  if (decoded.settings.deviceId !== deviceId) return unreadable('the key is not the device_id of the value');
  return { kind: 'settings', settings: decoded.settings };
}

function readDeviceId(key: Buffer | null): string | undefined {
  if (key === null || key.length === 0 || key.length > maxKeyBytes) return undefined;
  try {
    const deviceId = utf8.decode(key);
    return controlCharacters.test(deviceId) ? undefined : deviceId;
  } catch {
    return undefined;
  }
}

function decode({ topic, partition, offset, timestampMs }: ConsumedRecord, value: Buffer) {
  try {
    const requestId = `${topic}-${partition}-${offset}`;
    return decodeSettings(value, { requestId, timestamp: new Date(timestampMs) });
  } catch (error) {
    // One record must not end the reader, whatever a later version of the schema throws.
    return { ok: false as const, message: String(error) };
  }
}
