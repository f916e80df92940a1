import {
  type ConsumedRecord,
  headerTexts,
  noHeaders,
  type PublishRecord,
  type RecordHeaders,
  refusalReasons,
  textHeaders,
  withHeaderTexts,
} from '@preservarium/backend';
import type { CommandSource } from './command-source.js';
import { sourceHeaders } from './command-source.js';
import { headerCount } from './header-count.js';
import { decodeHeaders, encodeHeaders, originalHeadersName } from './original-headers.js';

export const deadLetterReasons = ['poison', 'rejected', 'exhausted', ...refusalReasons] as const;

/**
 * Why a record became a dead letter: `poison` cannot be read, `rejected` was refused by its device, `exhausted` was tried too often. The others were
 * refused for their signature: see `RefusalReason` of `@preservarium/backend`.
 */
export type DeadLetterReason = (typeof deadLetterReasons)[number];

/** A command, or what was in its place, that did not reach its device, with all that is needed to send it again. */
export interface DeadLetter {
  readonly reason: DeadLetterReason;
  /** The problem; at most 1,000 characters. */
  readonly message: string;
  /** How often a delivery was tried. */
  readonly attempts: number;
  /** The consumer group of the connector that gave it up. */
  readonly groupId: string;
  /** When it was given up, in milliseconds since 1970. */
  readonly diedAtMs: number;
  /** Where it was first read. */
  readonly source: CommandSource;
  /** Of the original record, byte for byte; empty where it had none. */
  readonly key: Buffer;
  /** Of the original record, byte for byte; empty where it had none. */
  readonly value: Buffer;
  /** Of the original record, all of them. */
  readonly headers: RecordHeaders;
  /**
   * Present where the original was too large for the dead-letter topic: the bytes of its value, which is left out, as are its headers;
   * `key` is then cut to 256 bytes. The original is at `source` for as long as Kafka keeps it there.
   */
  readonly omittedBytes?: number;
}

/** A dead letter whose original is still in hand. */
export type NewDeadLetter = Omit<DeadLetter, 'key' | 'value' | 'headers' | 'omittedBytes'> & {
  /** As it was read from the command topic, or from the waiting topic. */
  readonly record: ConsumedRecord;
};

export type ReadDeadLetter =
  | { readonly ok: true; readonly letter: DeadLetter }
  | {
      readonly ok: false;
      /** `no-dead-letter`: the record is something else. `invalid-headers`: it says so, and its headers are not as they must be. */
      readonly reason: 'no-dead-letter' | 'invalid-headers';
      /** The problem and its place. */
      readonly message: string;
    };

const recordType = 'dead-letter';
const maxMessageCharacters = 1000;
const maxKeyBytes = 256;
const omittedName = 'dead-omitted-bytes';
const noBytes = Buffer.alloc(0);

/** The record of the dead-letter topic: the original key, bytes and headers, and headers that say what happened to it. */
export function deadLetterRecord(topic: string, letter: NewDeadLetter): PublishRecord {
  const { record, source, reason, message, attempts, groupId, diedAtMs } = letter;
  return {
    topic,
    key: record.key ?? noBytes,
    value: record.value ?? noBytes,
    headers: textHeaders({
      'record-type': recordType,
      'dead-reason': reason,
      'dead-message': message.replaceAll('\0', '').slice(0, maxMessageCharacters).toWellFormed(),
      'dead-group': groupId,
      'dead-at': new Date(diedAtMs).toISOString(),
      attempts: String(attempts),
      ...sourceHeaders(source),
      ...(record.headers.length > 0 && { [originalHeadersName]: encodeHeaders(record.headers) }),
    }),
  };
}

/** Returns the dead letter without the original's value and headers, for a dead-letter topic that does not take all of it. */
export function withoutOriginal({
  headers = noHeaders,
  key,
  value,
  ...record
}: PublishRecord): PublishRecord {
  const own = headers.filter(([name]) => name !== originalHeadersName);
  return {
    ...record,
    key: (typeof key === 'string' ? Buffer.from(key) : key).subarray(0, maxKeyBytes),
    value: noBytes,
    headers: withHeaderTexts(own, { [omittedName]: String(value.length) }),
  };
}

/** Reads what {@link deadLetterRecord} made of a dead letter; never throws. */
export function readDeadLetter({ key, value, headers: list }: ConsumedRecord): ReadDeadLetter {
  const headers = headerTexts(list);
  const type = headers['record-type'];
  if (type !== recordType) {
    return unread(
      'no-dead-letter',
      `its header record-type is ${type === undefined ? 'missing' : `"${type}"`}`,
    );
  }
  const reason = deadLetterReasons.find((candidate) => candidate === headers['dead-reason']);
  if (reason === undefined)
    return unread('invalid-headers', `dead-reason is none of ${deadLetterReasons.join(', ')}`);
  const diedAtMs = Date.parse(headers['dead-at'] ?? '');
  if (Number.isNaN(diedAtMs)) return unread('invalid-headers', 'dead-at is no time');
  const { 'source-topic': topic } = headers;
  if (topic === undefined) return unread('invalid-headers', 'source-topic is missing');
  const [attempts, partition, offset] = [
    headerCount(headers.attempts),
    headerCount(headers['source-partition']),
    headerCount(headers['source-offset']),
  ];
  if (attempts === undefined || partition === undefined || offset === undefined) {
    return unread(
      'invalid-headers',
      'attempts, source-partition and source-offset are not all whole numbers from 0',
    );
  }
  const originals = decodeHeaders(headers[originalHeadersName] ?? '[]');
  if (originals === undefined) {
    return unread('invalid-headers', `${originalHeadersName} is no JSON list of [name, base64 or null]`);
  }
  const omittedBytes = headerCount(headers[omittedName]);
  return {
    ok: true,
    letter: {
      reason,
      message: headers['dead-message'] ?? '',
      attempts,
      groupId: headers['dead-group'] ?? '',
      diedAtMs,
      source: { topic, partition, offset },
      key: key ?? noBytes,
      value: value ?? noBytes,
      headers: originals,
      ...(omittedBytes !== undefined && { omittedBytes }),
    },
  };
}

function unread(reason: 'no-dead-letter' | 'invalid-headers', message: string): ReadDeadLetter {
  return { ok: false, reason, message };
}
