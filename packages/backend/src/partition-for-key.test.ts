import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { murmur2, partitionForKey } from './partition-for-key.js';

/** From the tests of Kafka's Java client, `UtilsTest.testMurmur2`. */
const javaVectors: [string, number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('murmur2', () => {
  test.each(javaVectors)("gives Java's hash of %s", (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });
});

describe('partitionForKey', () => {
  test.each(javaVectors)(
    "puts %s where Java's client does, from the positive part of the hash",
    (key, hash) => {
      expect(partitionForKey(key, 7)).toBe((hash & 0x7fffffff) % 7);
    },
  );

  test('hashes the UTF-8 bytes of a key', () => {
    expect(partitionForKey('größe-°C', 1000)).toBe(
      (murmur2(Buffer.from('größe-°C', 'utf8')) & 0x7fffffff) % 1000,
    );
  });

  test('uses the checksum of zlib with crc32', () => {
    // The check value of CRC-32/ISO-HDLC.
    expect(partitionForKey('123456789', 1_000_000, 'crc32')).toBe(0xcbf43926 % 1_000_000);
  });

  test('gives a partition of the topic for any key, and always the same', () => {
    const partitioner = fc.constantFrom('murmur2' as const, 'crc32' as const);
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), partitioner, (key, partitions, by) => {
        const partition = partitionForKey(key, partitions, by);
        expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
        expect(partitionForKey(key, partitions, by)).toBe(partition);
      }),
    );
  });
});
