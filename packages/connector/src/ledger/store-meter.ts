import { statfsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from '@preservarium/backend';

/** Free space on the disk below which no more commands are taken, in bytes. */
const reservedBytes = 64 * 1024 * 1024;
const measureIntervalMs = 100;

/** Returns a function that tells if the store in a file has reached its limit, or the disk is almost full; it measures at most every 100 ms. */
export function createStoreMeter(
  database: DatabaseSync,
  stateDir: string,
  { maxStoreBytes, logger }: { readonly maxStoreBytes: number; readonly logger: Logger },
): () => boolean {
  const pages = database.prepare(
    `select (page_count - freelist_count) * page_size as bytes
      from pragma_page_count, pragma_freelist_count, pragma_page_size`,
  );
  let measuredAtMs = Number.NEGATIVE_INFINITY;
  let isFull = false;

  return () => {
    if (performance.now() - measuredAtMs < measureIntervalMs) return isFull;
    measuredAtMs = performance.now();
    const { bytes } = pages.get() as { bytes: number };
    const { bavail, bsize } = statfsSync(stateDir);
    const freeBytes = bavail * bsize;
    const wasFull = isFull;
    isFull = bytes >= maxStoreBytes || freeBytes < reservedBytes;
    if (isFull && !wasFull) {
      logger.error(
        { stateDir, bytes, maxStoreBytes, freeBytes },
        'the store is full: commands stay in their topic until others end; raise CONNECTOR_MAX_STORE_BYTES, or free space on the disk',
      );
    }
    return isFull;
  };
}
