import type { ConsumedRecord, PublishRecord } from '@preservarium/backend';
import { type CommandSource, readSource, sourceHeaders } from '@preservarium/dead-letters';
import type { HeldCommand } from './held-command.js';

/**
 * The waiting topic is a log of what waits: a record for each command that is set aside, with its original bytes, and one
 * for each that has come to its end. Reading it from the committed offset, which is that of the oldest command that still
 * waits, gives what waits now. It also carries cancellations, and marks by which a reader knows that it has caught up.
 */
export type WaitingRecord =
  | {
      readonly type: 'waiting';
      readonly protocol: string;
      readonly source: CommandSource;
      readonly attempts: number;
      readonly sinceMs: number;
    }
  | { readonly type: 'done'; readonly source: CommandSource; readonly protocol: string }
  | { readonly type: 'cancel' }
  | { readonly type: 'mark'; readonly id: string }
  | { readonly type: 'unknown'; readonly reason: string };

export function waitingRecord(
  topic: string,
  { record, source, attempts, waitingSinceMs, command, share }: HeldCommand,
  nowMs: number,
): PublishRecord {
  return {
    topic,
    partition: share.partition,
    key: command.deviceId,
    value: record.value ?? Buffer.alloc(0),
    headers: {
      ...record.headers,
      'record-type': 'waiting',
      'waiting-protocol': command.protocol,
      ...sourceHeaders(source),
      'waiting-attempts': String(attempts),
      'waiting-since': String(waitingSinceMs ?? nowMs),
    },
  };
}

export function doneRecord(topic: string, { source, command, share }: HeldCommand): PublishRecord {
  return {
    topic,
    partition: share.partition,
    key: command.deviceId,
    value: Buffer.alloc(0),
    headers: { 'record-type': 'done', 'waiting-protocol': command.protocol, ...sourceHeaders(source) },
  };
}

export function markRecord(topic: string, partition: number, id: string): PublishRecord {
  return {
    topic,
    partition,
    key: id,
    value: Buffer.alloc(0),
    headers: { 'record-type': 'mark', 'mark-id': id },
  };
}

export function readWaitingRecord({ headers }: ConsumedRecord): WaitingRecord {
  const type = headers['record-type'];
  if (type === 'cancel') return { type };
  if (type === 'mark') return { type, id: headers['mark-id'] ?? '' };
  if (type !== 'waiting' && type !== 'done') {
    return {
      type: 'unknown',
      reason: `its header record-type is ${type === undefined ? 'missing' : `"${type}"`}`,
    };
  }
  const source = readSource(headers);
  const protocol = headers['waiting-protocol'] ?? '';
  if (source === undefined)
    return { type: 'unknown', reason: 'its source headers are missing or no numbers' };
  if (type === 'done') return { type, source, protocol };
  const attempts = Number(headers['waiting-attempts'] ?? 0);
  const sinceMs = Number(headers['waiting-since'] ?? 0);
  if (!Number.isSafeInteger(attempts) || !Number.isSafeInteger(sinceMs)) {
    return { type: 'unknown', reason: 'its headers waiting-attempts and waiting-since are no numbers' };
  }
  return { type, protocol, source, attempts, sinceMs };
}
