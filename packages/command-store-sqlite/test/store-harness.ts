import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { RequestKeys } from '@preservarium/command-store';
import type { SqlCommandStoreHarness } from '@preservarium/conformance';
import { afterAll, beforeAll } from 'vitest';
import { createSqliteCommandStore, createSqliteRequestKeys } from '../src/index.js';

export interface StoreHarness extends SqlCommandStoreHarness {
  /** Creates an empty place for request keys, and returns a function that opens them there. */
  createKeysPlace(): Promise<() => Promise<RequestKeys>>;
}

/** Stores in files of a folder that goes with the tests. */
export function createHarness(): StoreHarness {
  let folder: string;
  let path = '';
  let count = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pusher-store-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function execute(statement: string): Promise<string> {
    const database = new DatabaseSync(path);
    try {
      return JSON.stringify(database.prepare(statement).all());
    } finally {
      database.close();
    }
  }

  return {
    isShared: true,
    async createPlace() {
      const file = join(folder, `${count++}.sqlite`);
      path = file;
      return () => createSqliteCommandStore({ path: file });
    },
    async createKeysPlace() {
      const file = join(folder, `${count++}.sqlite`);
      return () => createSqliteRequestKeys({ path: file });
    },
    execute,
    explain: (query) => execute(`EXPLAIN QUERY PLAN ${query}`),
  };
}
