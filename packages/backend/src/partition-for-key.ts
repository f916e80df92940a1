import { crc32 } from 'node:zlib';
import type { Partitioner } from './kafka-options.js';

/**
 * The partition that a key goes to, as Kafka's Java client (`murmur2`) or librdkafka by itself (`crc32`) computes it.
 *
 * @param key a device id, as text or in UTF-8; not empty
 */
export function partitionForKey(
  key: string | Buffer,
  partitions: number,
  partitioner: Partitioner = 'murmur2',
): number {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key;
  return partitioner === 'crc32' ? crc32(bytes) % partitions : (murmur2(bytes) & 0x7fffffff) % partitions;
}

/** The 32-bit hash of `org.apache.kafka.common.utils.Utils.murmur2`, as a signed integer. */
export function murmur2(bytes: Uint8Array): number {
  const multiplier = 0x5bd1e995;
  const length = bytes.length;
  const at = (index: number): number => bytes[index] ?? 0;
  let hash = 0x9747b28c ^ length;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    let word = at(index) | (at(index + 1) << 8) | (at(index + 2) << 16) | (at(index + 3) << 24);
    word = Math.imul(word, multiplier);
    word ^= word >>> 24;
    word = Math.imul(word, multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  if (index < length) {
    hash ^= at(index) | (at(index + 1) << 8) | (at(index + 2) << 16);
    hash = Math.imul(hash, multiplier);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, multiplier);
  return hash ^ (hash >>> 15);
}
