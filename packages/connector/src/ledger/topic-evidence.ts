import { crc32 } from 'node:zlib';
import type { ConsumedRecord } from '@preservarium/backend';

/**
 * A record as evidence of the identity of its topic: no client says that a topic was deleted and created again, but another record at the same offset
 * does.
 */
export interface TopicEvidence {
  readonly offset: number;
  readonly timestampMs: number;
  /** CRC-32 of the value. */
  readonly hash: number;
}

const noValue = Buffer.alloc(0);

export function evidenceOf({ offset, timestampMs, value }: ConsumedRecord): TopicEvidence {
  return { offset, timestampMs, hash: crc32(value ?? noValue) };
}

/** Returns true if the record is at the offset of the evidence, and is another one. */
export function contradicts(evidence: TopicEvidence, record: ConsumedRecord): boolean {
  if (record.offset !== evidence.offset) return false;
  const { timestampMs, hash } = evidenceOf(record);
  return timestampMs !== evidence.timestampMs || hash !== evidence.hash;
}
