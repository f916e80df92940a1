import { ConfigurationError } from '@preservarium/core';
import { createDatabaseMaker, runStatement } from './database-maker.js';
import type { Postgres } from './postgres.js';

/** The server that `POSTGRES_URL` names. It must answer: another one in its place would surprise. */
export async function existingPostgres(url: string): Promise<Postgres> {
  try {
    await runStatement(url, 'SELECT 1');
  } catch (cause) {
    throw new ConfigurationError(
      'nothing answers at POSTGRES_URL; unset it to have a PostgreSQL started, or give for example postgres://postgres@127.0.0.1:5432/postgres',
      { cause },
    );
  }
  const { createDatabase, dropAll } = createDatabaseMaker(url);
  const refuse = (operation: string) =>
    Promise.reject(
      new ConfigurationError(
        `${operation}() cannot be done to the server of POSTGRES_URL; use startPostgres({ isolated: true })`,
      ),
    );
  return {
    createDatabase,
    kill: () => refuse('kill'),
    start: () => refuse('start'),
    stop: dropAll,
    [Symbol.asyncDispose]: dropAll,
  };
}
