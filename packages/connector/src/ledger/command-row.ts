import type { SQLOutputValue } from 'node:sqlite';
import { decodeHeaders } from '@preservarium/dead-letters';
import { deviceIdOfChannel } from '../channel.js';
import type { WaitingCommand } from './waiting-store.js';

/** The columns of a row. */
export const columns = `offset, changelog_offset, request_id, supersede_key, rank, deadline_ms, issued_at_ms, is_redriven,
  superseded_by, topic, timestamp_ms, since_ms, started, answered, may_be_repeat, key, value, headers`;

/** A list: an object for each row, with a name for each value, costs half as much again as reading the row. */
type CommandRow = readonly [
  offset: number,
  changelogOffset: number,
  requestId: string,
  supersedeKey: string | null,
  rank: number,
  deadlineMs: number,
  issuedAtMs: number,
  isRedriven: number,
  supersededBy: string | null,
  topic: string,
  timestampMs: number,
  sinceMs: number,
  started: number,
  answered: number,
  mayBeRepeat: number,
  key: Uint8Array | typeof isDeviceId | null,
  value: Uint8Array | null,
  headers: string,
];

/** In place of a key that is the id of the device, as that of most commands is. */
const isDeviceId = 1;

export function keptKey(key: Buffer | null, deviceId: string): Buffer | typeof isDeviceId | null {
  return key?.equals(Buffer.from(deviceId)) ? isDeviceId : key;
}

export function commandOf(
  partition: number,
  channel: string,
  values: readonly SQLOutputValue[],
): WaitingCommand {
  const [
    offset,
    changelogOffset,
    requestId,
    supersedeKey,
    rank,
    deadlineMs,
    issuedAtMs,
    isRedriven,
    supersededBy,
    topic,
    timestampMs,
    sinceMs,
    started,
    answered,
    mayBeRepeat,
    key,
    value,
    headers,
  ] = values as unknown as CommandRow;
  const deviceId = deviceIdOfChannel(channel);
  return {
    record: {
      topic,
      partition,
      offset,
      timestampMs,
      key: key === isDeviceId ? Buffer.from(deviceId) : bufferOf(key),
      value: bufferOf(value),
      headers: decodeHeaders(headers) ?? [],
    },
    attempts: { started, answered, sent: mayBeRepeat === 1 },
    sinceMs,
    mayBeRepeat: mayBeRepeat === 1,
    changelogOffset,
    deviceId,
    channel,
    requestId,
    supersedeKey: supersedeKey ?? undefined,
    priority: -rank,
    deadlineMs,
    issuedAtMs,
    isRedriven: isRedriven === 1,
    supersededBy: supersededBy ?? undefined,
  };
}

function bufferOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
