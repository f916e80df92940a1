import {
  type ConsumedRecord,
  headerText,
  headerTexts,
  type PublishRecord,
  type TopicPartition,
  textHeaders,
  withHeaderTexts,
} from '@preservarium/backend';
import { ValidationError } from '@preservarium/core';
import type { DeadLetter } from './dead-letter.js';
import { headerCount } from './header-count.js';

/** Where a dead letter is in its topic. */
export interface DeadLetterPlace {
  readonly partition: number;
  readonly offset: number;
}

const recordType = 'redriven';

/**
 * The record by which a dead letter is sent again: its original key, bytes and headers, to the partition from which it
 * came, and the header `redriven`, which says how many times it has been. Connectors see by it that newer commands of the
 * same supersede key may have gone before.
 *
 * @param commandTopics the topics to which it may go: a writer of dead letters could name any other one
 * @throws ValidationError for a dead letter of another topic, or without its original
 */
export function redriveRecord(
  { source, key, value, headers, omittedBytes }: DeadLetter,
  commandTopics: readonly string[],
): PublishRecord {
  if (!commandTopics.includes(source.topic)) {
    const message = `is of topic "${source.topic}", and goes to command topics alone: ${commandTopics.join(', ')}`;
    throw new ValidationError('dead letter', [{ path: 'source', message }]);
  }
  if (omittedBytes !== undefined) {
    const { topic, partition, offset } = source;
    const message =
      `holds no original: its ${omittedBytes} bytes were too large for the dead-letter topic; ` +
      `read it at ${topic}, partition ${partition}, offset ${offset}`;
    throw new ValidationError('dead letter', [{ path: '', message }]);
  }
  const times = headerCount(headerText(headers, 'redriven')) ?? 0;
  return {
    topic: source.topic,
    partition: source.partition,
    key,
    value,
    headers: withHeaderTexts(headers, { redriven: String(times + 1) }),
  };
}

/** Returns when a command was sent again from the dead letters; undefined for one that was not. @param record of the command topic */
export function redriveTimeOf({
  headers,
  timestampMs,
}: Pick<ConsumedRecord, 'headers' | 'timestampMs'>): Date | undefined {
  return headerText(headers, 'redriven') === undefined ? undefined : new Date(timestampMs);
}

/** The record of the dead-letter topic that says that a dead letter has been sent again; it follows it in its partition. */
export function redrivenRecord(
  { topic, partition, offset }: TopicPartition & DeadLetterPlace,
  { key }: Pick<PublishRecord, 'key'>,
): PublishRecord {
  return {
    topic,
    partition,
    key,
    value: Buffer.alloc(0),
    headers: textHeaders({
      'record-type': recordType,
      'redriven-partition': String(partition),
      'redriven-offset': String(offset),
    }),
  };
}

/** The dead letter that has been sent again, where the record says so of one; else undefined. */
export function readRedriven({
  headers: list,
}: Pick<ConsumedRecord, 'headers'>): DeadLetterPlace | undefined {
  if (headerText(list, 'record-type') !== recordType) return undefined;
  const headers = headerTexts(list);
  const partition = headerCount(headers['redriven-partition']);
  const offset = headerCount(headers['redriven-offset']);
  return partition === undefined || offset === undefined ? undefined : { partition, offset };
}
