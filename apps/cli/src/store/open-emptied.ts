import { existsSync, renameSync } from 'node:fs';
import type { Logger } from '@preservarium/backend';
import { openStore, sqlitePath } from '@preservarium/command-line/application';
import type { CommandStore } from '@preservarium/command-store';
import { StoreFailedError } from '@preservarium/core';
import { writeNote } from '../output.js';

/** Opens a store and empties it. A SQLite file that is damaged is moved aside, and a new one takes its place. */
export async function openEmptied(url: string, logger: Logger | undefined): Promise<CommandStore> {
  try {
    const store = await openStore(url, logger);
    try {
      await store.clear();
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (error) {
    const path = sqlitePath(url);
    if (path === undefined || !StoreFailedError.isInstance(error)) throw error;
    const aside = moveAside(path);
    writeNote(`${path} is damaged and was moved to ${aside}`);
    return openStore(url, logger);
  }
}

/** Also moves what SQLite keeps beside the file. */
function moveAside(path: string): string {
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${aside}${suffix}`);
  }
  return aside;
}
