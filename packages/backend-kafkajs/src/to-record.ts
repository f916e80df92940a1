import type { ConsumedRecord } from '@preservarium/backend';
import type { KafkaMessage } from 'kafkajs';
import { fromKafkajsHeaders } from './kafkajs-headers.js';

/** A message of kafkajs as the contract has it. */
export function toRecord(topic: string, partition: number, message: KafkaMessage): ConsumedRecord {
  const { offset, timestamp, key, value, headers } = message;
  return {
    topic,
    partition,
    offset: Number(offset),
    timestampMs: Number(timestamp),
    key,
    value,
    headers: fromKafkajsHeaders(headers),
  };
}
