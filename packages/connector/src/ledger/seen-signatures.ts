import type { DatabaseSync } from 'node:sqlite';
import type { DiskGuard } from './disk-guard.js';
import type { KeptSignature } from './kept-signatures.js';
import { generationOf, placeOf } from './topic-generation.js';

interface SeenSignature extends KeptSignature {
  readonly partition: number;
}

/**
 * The signatures of the command topic that this connector and, as the changelog says, earlier owners have accepted. A record that another one copied from the topic has one of them, or one that is
 * older than all that are remembered. A record that is read again after a crash is at its place of before, and is no copy.
 */
export interface SeenSignatures {
  /** Remembers a signature; returns why it is that of a copy, or undefined. */
  take(signature: SeenSignature, maxDelayMs: number): string | undefined;
  /** Returns why a signature is that of a copy, if it was not first read at this place. */
  find(signature: Omit<SeenSignature, 'issuedAtMs'>): string | undefined;
  /** Returns the signatures that were taken since the last call, at most so many of them: the changelog is to have them. */
  takeFresh(partition: number, limit: number): readonly KeptSignature[];
  /** Remembers signatures that the changelog has. */
  restore(partition: number, signatures: readonly KeptSignature[]): void;
  /** Records of the partition below this offset of the topic are not read again once this is committed. */
  processed(partition: number, nextOffset: number): void;
}

export interface SeenSignaturesOptions {
  /** Returns the database, which is opened by the first call. */
  database(): DatabaseSync;
  readonly guard: DiskGuard;
  /** Called before each write. */
  beginWrite(): void;
}

/** So often old signatures are removed. It is longer than a commit takes. */
const removeEveryMs = 60_000;

interface Partition {
  newestMs: number;
  /** Of the last record. */
  generation: number;
  processed: number;
  /** `processed` at the last removal: it is committed. */
  committed: number;
  removeAtMs: number;
  fresh: KeptSignature[];
}

export function createSeenSignatures({ database, guard, beginWrite }: SeenSignaturesOptions): SeenSignatures {
  const partitions = new Map<number, Partition>();
  let statements: ReturnType<typeof prepareStatements> | undefined;

  function sql() {
    statements ??= prepareStatements(database());
    return statements;
  }

  function partitionOf(partition: number): Partition {
    let found = partitions.get(partition);
    if (found === undefined) {
      const newestMs = Number(sql().newest.get(partition)?.newest ?? 0);
      const removeAtMs = performance.now() + removeEveryMs;
      found = { newestMs, generation: 0, processed: 0, committed: 0, removeAtMs, fresh: [] };
      partitions.set(partition, found);
    }
    return found;
  }

  function find({ partition, offset, digest }: Omit<SeenSignature, 'issuedAtMs'>): number | undefined {
    const row = sql().find.get(partition, digest) as { readonly offset: number } | undefined;
    return row !== undefined && row.offset !== offset ? row.offset : undefined;
  }

  function take({ partition, offset, digest, issuedAtMs }: SeenSignature, maxDelayMs: number) {
    const known = partitionOf(partition);
    known.generation = generationOf(offset);
    const row = sql().find.get(partition, digest) as { readonly offset: number } | undefined;
    if (row !== undefined) return row.offset === offset ? undefined : copyOf(row.offset);
    if (issuedAtMs < known.newestMs - maxDelayMs) {
      return `the signature of ${new Date(issuedAtMs).toISOString()} comes more than ${maxDelayMs} ms after newer ones`;
    }
    beginWrite();
    sql().add.run(partition, digest, offset, issuedAtMs);
    known.fresh.push({ offset, digest, issuedAtMs });
    known.newestMs = Math.max(known.newestMs, issuedAtMs);
    if (performance.now() >= known.removeAtMs) removeOld(partition, known, maxDelayMs);
    return undefined;
  }

  function restore(partition: number, signatures: readonly KeptSignature[]): void {
    const known = partitionOf(partition);
    beginWrite();
    for (const { digest, offset, issuedAtMs } of signatures) {
      sql().add.run(partition, digest, offset, issuedAtMs);
      known.newestMs = Math.max(known.newestMs, issuedAtMs);
    }
  }

  function removeOld(partition: number, known: Partition, maxDelayMs: number): void {
    sql().removeOld.run(partition, known.newestMs - maxDelayMs, known.committed);
    known.committed = known.processed;
    known.removeAtMs = performance.now() + removeEveryMs;
  }

  return {
    // On a full disk the partitions are given up, and the records are read again.
    take: (signature, maxDelayMs) => guard.attempt(() => take(signature, maxDelayMs), undefined),
    find: (signature) =>
      guard.attempt(() => {
        const offset = find(signature);
        return offset === undefined ? undefined : copyOf(offset);
      }, undefined),
    takeFresh(partition, limit) {
      const known = partitions.get(partition);
      return known === undefined ? [] : known.fresh.splice(0, limit);
    },
    restore: (partition, signatures) => guard.attempt(() => restore(partition, signatures), undefined),
    processed(partition, nextOffset) {
      const known = partitions.get(partition);
      if (known !== undefined) known.processed = placeOf(known.generation, nextOffset);
    },
  };
}

function copyOf(offset: number): string {
  return `the signature is that of the record at offset ${offset}`;
}

function prepareStatements(database: DatabaseSync) {
  database.exec(`
    create table if not exists seen (
      partition integer not null,
      digest text not null,
      offset integer not null,
      issued_at_ms real not null,
      primary key (partition, digest)
    ) without rowid;
    create index if not exists seen_age on seen (partition, issued_at_ms);
  `);
  return {
    newest: database.prepare('select max(issued_at_ms) as newest from seen where partition = ?'),
    find: database.prepare('select offset from seen where partition = ? and digest = ?'),
    add: database.prepare('insert or ignore into seen values (?, ?, ?, ?)'),
    removeOld: database.prepare('delete from seen where partition = ? and issued_at_ms < ? and offset < ?'),
  };
}
