import type { ConsumedRecord, PublishRecord } from '@preservarium/publisher';
import type { CommandSource } from './held-command.js';
import { sourceHeaders } from './waiting-log.js';

/** Why a record became a dead letter: `poison` cannot be read, `rejected` was refused, `exhausted` was tried too often. */
export type DeadLetterReason = 'poison' | 'rejected' | 'exhausted';

export interface DeadLetter {
  readonly record: ConsumedRecord;
  readonly source: CommandSource;
  readonly reason: DeadLetterReason;
  readonly message: string;
  readonly attempts: number;
  readonly groupId: string;
  readonly diedAtMs: number;
}

const maxMessageCharacters = 1000;

/** The record of the dead-letter topic: the original key, bytes and headers, and headers that say what happened to it. */
export function deadLetterRecord(topic: string, letter: DeadLetter): PublishRecord {
  const { record, source, reason, message, attempts, groupId, diedAtMs } = letter;
  return {
    topic,
    key: record.key?.toString() ?? '',
    value: record.value ?? Buffer.alloc(0),
    headers: {
      ...record.headers,
      'record-type': 'dead-letter',
      'dead-reason': reason,
      'dead-message': message.replaceAll('\0', '').slice(0, maxMessageCharacters).toWellFormed(),
      'dead-group': groupId,
      'dead-at': new Date(diedAtMs).toISOString(),
      attempts: String(attempts),
      ...sourceHeaders(source),
    },
  };
}
