import type { DatabaseSync } from 'node:sqlite';

/** SQLite keeps such a number in three bytes. */
const hashBits = 0x7fffff;

/**
 * Returns the hash under which the index of a device has a request id. The seed is of the database: applications choose request ids, and must not be able to
 * choose many with one hash.
 */
export function createRequestHash(database: () => DatabaseSync): (requestId: string) => number {
  let seed: number | undefined;

  function readSeed(): number {
    return Number(database().prepare('select seed from hashing').get()?.seed);
  }

  return (requestId) => {
    seed ??= readSeed();
    let hash = seed;
    for (let index = 0; index < requestId.length; index++) {
      hash = Math.imul(hash ^ requestId.charCodeAt(index), 0x01000193);
      hash ^= (hash >>> 13) ^ seed;
    }
    return (hash ^ (hash >>> 9)) & hashBits;
  };
}
