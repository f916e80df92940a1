import type { DatabaseSync } from 'node:sqlite';
import { decodeSettings, encodeSettings } from '@preservarium/core';
import { damagedError } from '@preservarium/state-file';
import type { AcceptedSettings } from '../is-accepted.js';
import { hasDifference } from './device-settings.js';
import {
  type DocumentStore,
  type PartitionOf,
  type Side,
  type StoredDevice,
  sides,
  type VoidDevice,
} from './document-store.js';
import { createDocumentTables } from './document-tables.js';

/** Devices that are kept decoded: of those that change or report often, the document is not read again each time. */
const maxCached = 50;
const pageSize = 100;

export interface SqliteDocumentsOptions {
  readonly database: DatabaseSync;
  /** Returns whether the file has reached its limit. */
  isFull(): boolean;
  /** Called at the end of each transaction, before it is committed. */
  beforeCommit(): void;
  /** Closes the database. */
  onClose(): void;
  /** Returns the error to throw in place of one of the database. */
  onError(error: unknown): unknown;
}

/** A device with its place in the tables. */
interface Row extends StoredDevice {
  readonly number: number;
}

interface FoundRow {
  readonly number: number;
  readonly is_whole: number;
  readonly desired_version: number | null;
  readonly desired_doubtful: number | null;
  readonly desired_content: Uint8Array | null;
  readonly reported_version: number | null;
  readonly reported_doubtful: number | null;
  readonly reported_content: Uint8Array | null;
}

interface FoundVoid {
  readonly device: string;
  readonly request_id: string | null;
  readonly is_refused: number;
}

/**
 * Returns a store in tables of SQLite. Documents lie in the order in which their devices came, so that reading a topic writes page after page; what is
 * looked for is in small tables and indexes beside them.
 */
export function createSqliteDocuments({
  database,
  isFull,
  beforeCommit,
  onClose,
  onError,
}: SqliteDocumentsOptions): DocumentStore {
  const tables = createDocumentTables(database);
  /** In the order of use. */
  const cache = new Map<string, Row>();
  let counts = tables.readCounts();
  let isFullNow = isFull();

  function guarded<Result>(use: () => Result): Result {
    try {
      return use();
    } catch (error) {
      throw onError(error);
    }
  }

  function remember(deviceId: string, row: Row): void {
    cache.delete(deviceId);
    cache.set(deviceId, row);
    if (cache.size <= maxCached) return;
    const [oldest] = cache.keys();
    cache.delete(oldest as string);
  }

  function find(deviceId: string): Row | undefined {
    const cached = cache.get(deviceId);
    if (cached !== undefined) return cached;
    const row = guarded(() => {
      const found = tables.find.get(deviceId) as unknown as FoundRow | undefined;
      return found && toRow(found);
    });
    if (row !== undefined) remember(deviceId, row);
    return row;
  }

  function add(deviceId: string): Row {
    const isWhole = counts.forgotten.reported === 0;
    const { lastInsertRowid } = tables.add.run(deviceId, Number(isWhole));
    counts.size += 1;
    return { number: Number(lastInsertRowid), isWhole };
  }

  function remove(deviceId: string, { number }: Row): void {
    tables.remove.run(number);
    for (const side of sides) tables.removeDocument.run(placeOf(number, side));
    cache.delete(deviceId);
    counts.size -= 1;
  }

  function* pages(read: (after: number) => readonly unknown[]): Iterable<string> {
    let after = 0;
    for (;;) {
      const page = guarded(() => read(after)) as readonly { readonly number: number; readonly id: string }[];
      for (const { id } of page) yield id;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.number;
    }
  }

  function reload(): void {
    cache.clear();
    counts = tables.readCounts();
    isFullNow = isFull();
  }

  return {
    get size() {
      return counts.size;
    },
    get isFull() {
      return isFullNow;
    },
    find,
    set(side, deviceId, settings) {
      const before = find(deviceId) ?? (settings && add(deviceId));
      if (before === undefined) return;
      const { number, isWhole, desired, reported } = before;
      const row: Row = { number, isWhole, desired, reported, [side]: settings };
      if (row.desired === undefined && row.reported === undefined) {
        remove(deviceId, before);
        return;
      }
      const place = placeOf(number, side);
      if (settings === undefined) tables.removeDocument.run(place);
      else {
        const content = encodeSettings(settings.settings);
        tables.setDocument.run(place, settings.version, Number(settings.isDoubtful ?? false), content);
      }
      tables.mark.run({
        number,
        has_desired: Number(row.desired !== undefined),
        is_out_of_sync: Number(hasDifference(deviceId, row)),
      });
      remember(deviceId, row);
    },
    ids: () => pages((after) => tables.all.all(after, pageSize)),
    outOfSync: () => pages((after) => tables.outOfSync.all(after, pageSize)),
    oldestReportedOnly() {
      const found = tables.oldestReportedOnly.get() as { readonly id: string } | undefined;
      return found?.id;
    },

    get forgotten() {
      return counts.forgotten;
    },
    forget(side) {
      counts.forgotten = { ...counts.forgotten, [side]: counts.forgotten[side] + 1 };
      tables.setForgotten.run(counts.forgotten.desired, counts.forgotten.reported);
    },

    voidOf(side, deviceId) {
      if (counts.voids === 0) return undefined;
      const found = tables.findVoid.get(side, deviceId) as unknown as FoundVoid | undefined;
      return found && voidDevice(found);
    },
    setVoid(side, { deviceId, requestId = null, isRefused = false }) {
      tables.setVoid.run(side, deviceId, requestId, Number(isRefused));
      // Counted too often where it was void before: that costs a query.
      counts.voids += 1;
    },
    removeVoid(side, deviceId) {
      if (counts.voids > 0) tables.removeVoid.run(side, deviceId);
    },
    voids: (side) => (tables.voids.all(side) as unknown as FoundVoid[]).map(voidDevice),

    positions: () => tables.positions.all() as unknown as PartitionOf[],
    position({ topic, partition }) {
      const found = tables.position.get(topic, partition);
      if (found === undefined) return undefined;
      const { start_offset, last_offset, timestamp_ms } = found as Record<string, number>;
      return {
        startOffset: start_offset as number,
        offset: last_offset as number,
        timestampMs: timestamp_ms as number,
      };
    },
    setPosition({ topic, partition }, { startOffset, offset, timestampMs }) {
      tables.setPosition.run(topic, partition, startOffset, offset, timestampMs);
    },
    currentAtMs() {
      const { current_at_ms } = tables.current.get() as { readonly current_at_ms: number | null };
      return current_at_ms ?? undefined;
    },
    setCurrentAt: (ms) => void tables.setCurrent.run(ms),

    transaction(change) {
      try {
        database.exec('begin');
        change();
        beforeCommit();
        database.exec('commit');
        isFullNow = isFull();
      } catch (error) {
        rollBack(database);
        reload();
        throw onError(error);
      }
    },
    clear() {
      tables.clear();
      reload();
    },
    close: onClose,
  };
}

function placeOf(number: number, side: Side): number {
  return 2 * number + (side === 'desired' ? 0 : 1);
}

function toRow(found: FoundRow): Row {
  return {
    number: found.number,
    isWhole: found.is_whole === 1,
    desired: accepted(found.desired_version, found.desired_doubtful, found.desired_content),
    reported: accepted(found.reported_version, found.reported_doubtful, found.reported_content),
  };
}

function accepted(
  version: number | null,
  isDoubtful: number | null,
  content: Uint8Array | null,
): AcceptedSettings | undefined {
  if (version === null) return undefined;
  const decoded = decodeSettings(content);
  // It was encoded here.
  if (!decoded.ok) throw damagedError(`settings of version ${version} cannot be read: ${decoded.message}`);
  return { settings: decoded.settings, version, ...(isDoubtful === 1 && { isDoubtful: true }) };
}

function voidDevice({ device, request_id, is_refused }: FoundVoid): VoidDevice {
  return {
    deviceId: device,
    requestId: request_id ?? undefined,
    ...(is_refused === 1 && { isRefused: true }),
  };
}

function rollBack(database: DatabaseSync): void {
  if (database.isTransaction) database.exec('rollback');
}
