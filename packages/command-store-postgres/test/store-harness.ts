import { type CommandStoreHarness, type Postgres, startPostgres } from '@preservarium/testkit';
import { afterAll, beforeAll } from 'vitest';
import { createPostgresCommandStore } from '../src/index.js';

/** Stores in databases of a server that goes with the tests. */
export function createHarness(): CommandStoreHarness {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  return {
    isShared: true,
    async createPlace() {
      const url = await server.createDatabase();
      return () => createPostgresCommandStore({ url });
    },
  };
}
