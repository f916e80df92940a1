import { readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@preservarium/backend';

/** Free space on the disk below which no more commands are taken, in bytes. */
const reservedBytes = 64 * 1024 * 1024;
const measureIntervalMs = 100;

export interface StoreMeterOptions {
  /** Returns the bytes that the store uses of its file. */
  usedBytes(): number;
  readonly stateDir: string;
  readonly fileName: string;
  /** Of the store and of all other files in its directory, such as that of the settings. */
  readonly maxStoreBytes: number;
  readonly logger: Logger;
}

/** Returns a function that tells if the store in a file has reached its limit, or the disk is almost full; it measures at most every 100 ms. */
export function createStoreMeter(options: StoreMeterOptions): () => boolean {
  const { stateDir, fileName, maxStoreBytes, logger } = options;
  let measuredAtMs = Number.NEGATIVE_INFINITY;
  let isFull = false;

  return () => {
    if (performance.now() - measuredAtMs < measureIntervalMs) return isFull;
    measuredAtMs = performance.now();
    const [bytes, otherBytes] = [options.usedBytes(), bytesOfOthers(stateDir, fileName)];
    const { bavail, bsize } = statfsSync(stateDir);
    const freeBytes = bavail * bsize;
    const wasFull = isFull;
    isFull = bytes + otherBytes >= maxStoreBytes || freeBytes < reservedBytes;
    if (isFull && !wasFull) {
      logger.error(
        { stateDir, bytes, otherBytes, maxStoreBytes, freeBytes },
        'the store is full: commands stay in their topic until others end; raise CONNECTOR_MAX_STORE_BYTES, or free space on the disk',
      );
    }
    return isFull;
  };
}

function bytesOfOthers(stateDir: string, fileName: string): number {
  return readdirSync(stateDir)
    .filter((name) => !name.startsWith(fileName))
    .reduce((bytes, name) => bytes + bytesOf(join(stateDir, name)), 0);
}

/** Returns 0 for a file that was removed meanwhile. */
function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
