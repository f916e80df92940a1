import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandStoreHarness } from '@preservarium/testkit';
import { afterAll, beforeAll } from 'vitest';
import { createSqliteCommandStore } from '../src/index.js';

/** Stores in files of a folder that goes with the tests. */
export function createHarness(): CommandStoreHarness {
  let folder: string;
  let count = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pusher-store-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return {
    isShared: true,
    async createPlace() {
      const path = join(folder, `${count++}.sqlite`);
      return () => createSqliteCommandStore({ path });
    },
  };
}
