import type { RequestKeys } from '@preservarium/command-store';
import type { SqlCommandStoreHarness } from '@preservarium/conformance';
import { type Postgres, startPostgres } from '@preservarium/dev-services';
import { Client } from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { createPostgresCommandStore, createPostgresRequestKeys } from '../src/index.js';

export interface StoreHarness extends SqlCommandStoreHarness {
  /** Creates an empty place for request keys, and returns a function that opens them there. */
  createKeysPlace(): Promise<() => Promise<RequestKeys>>;
}

/** Stores in databases of a server that goes with the tests. */
export function createHarness(): StoreHarness {
  let server: Postgres;
  let url = '';
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  async function run(...statements: readonly string[]): Promise<string> {
    const client = new Client(url);
    await client.connect();
    try {
      let rows: unknown;
      for (const statement of statements) ({ rows } = await client.query(statement));
      return JSON.stringify(rows);
    } finally {
      await client.end();
    }
  }

  return {
    isShared: true,
    async createPlace() {
      const made = await server.createDatabase();
      url = made;
      return () => createPostgresCommandStore({ url: made });
    },
    async createKeysPlace() {
      const made = await server.createDatabase();
      return () => createPostgresRequestKeys({ url: made });
    },
    execute: (statement) => run(statement),
    // Of a table that has nothing yet, PostgreSQL would rather read all.
    explain: (query) => run('SET enable_seqscan = off', `EXPLAIN ${query}`),
  };
}
