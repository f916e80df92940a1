import { decodeHeaders } from '@preservarium/dead-letters';
import { deviceIdOfChannel } from '../channel.js';
import type { WaitingCommand } from './waiting-store.js';

/** The columns of a {@link CommandRow}. */
export const columns = `offset, changelog_offset, channel, request_id, supersede_key, rank, deadline_ms, issued_at_ms, is_redriven,
  superseded_by, topic, timestamp_ms, since_ms, started, answered, may_be_repeat, key, value, headers`;

export interface CommandRow {
  readonly offset: number;
  readonly changelog_offset: number;
  readonly channel: string;
  readonly request_id: string;
  readonly supersede_key: string | null;
  readonly rank: number;
  readonly deadline_ms: number;
  readonly issued_at_ms: number;
  readonly is_redriven: number;
  readonly superseded_by: string | null;
  readonly topic: string;
  readonly timestamp_ms: number;
  readonly since_ms: number;
  readonly started: number;
  readonly answered: number;
  readonly may_be_repeat: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: string;
}

export function commandOf(partition: number, row: CommandRow): WaitingCommand {
  return {
    record: {
      topic: row.topic,
      partition,
      offset: row.offset,
      timestampMs: row.timestamp_ms,
      key: bufferOf(row.key),
      value: bufferOf(row.value),
      headers: decodeHeaders(row.headers) ?? [],
    },
    attempts: { started: row.started, answered: row.answered, sent: row.may_be_repeat === 1 },
    sinceMs: row.since_ms,
    mayBeRepeat: row.may_be_repeat === 1,
    changelogOffset: row.changelog_offset,
    deviceId: deviceIdOfChannel(row.channel),
    channel: row.channel,
    requestId: row.request_id,
    supersedeKey: row.supersede_key ?? undefined,
    priority: -row.rank,
    deadlineMs: row.deadline_ms,
    issuedAtMs: row.issued_at_ms,
    isRedriven: row.is_redriven === 1,
    supersededBy: row.superseded_by ?? undefined,
  };
}

function bufferOf(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
