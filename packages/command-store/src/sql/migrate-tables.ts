import { ConfigurationError, StoreFailedError } from '@preservarium/core';
import type { SqlDatabase, SqlQuery } from './sql-database.js';

/** Statements that bring the tables from one version to the next; the first ones make them. */
export type SqlMigrations = readonly (readonly string[])[];

const commandStoreVersionTable = 'pusher_command_store_version';

/** Makes the tables, or brings them up to date; safe when several processes begin at once. */
export async function migrateTables(
  { query, transaction }: Pick<SqlDatabase, 'query' | 'transaction'>,
  migrations: SqlMigrations,
  versionTable = commandStoreVersionTable,
): Promise<void> {
  const selectVersion = `SELECT version FROM ${versionTable}`;
  // Asked first, so that who may only read needs no right to make tables.
  if ((await versionIfAny(query, selectVersion)) === migrations.length) return;
  await transaction(async (inTransaction) => {
    await inTransaction(`CREATE TABLE IF NOT EXISTS ${versionTable} (version integer NOT NULL)`);
    const version = versionOf(await inTransaction(selectVersion));
    if (version > migrations.length) throw tooNew(version, migrations.length);
    for (const statement of migrations.slice(version).flat()) await inTransaction(statement);
    await inTransaction(`DELETE FROM ${versionTable}`);
    await inTransaction(`INSERT INTO ${versionTable} (version) VALUES ($1)`, [migrations.length]);
  });
}

/**
 * Returns the database with a look at the version of its tables in each transaction: a newer program may bring them up to date while this one runs.
 * The transaction rejects with `CONFIGURATION_INVALID` then, and changes nothing.
 */
export function withKnownVersion(database: SqlDatabase, { length: known }: SqlMigrations): SqlDatabase {
  return {
    ...database,
    transaction: (run) =>
      database.transaction(async (query) => {
        const version = versionOf(await query(`SELECT version FROM ${commandStoreVersionTable}`));
        if (version > known) throw tooNew(version, known);
        return run(query);
      }),
  };
}

function tooNew(version: number, known: number): ConfigurationError {
  return new ConfigurationError(
    `the command store has tables of version ${version}, and this program knows them up to ${known}: use a newer one`,
  );
}

async function versionIfAny(query: SqlQuery, selectVersion: string): Promise<number> {
  try {
    return versionOf(await query(selectVersion));
  } catch (error) {
    // There is no such table yet; for any other problem, the next statement fails.
    if (StoreFailedError.isInstance(error)) return 0;
    throw error;
  }
}

function versionOf([row]: Awaited<ReturnType<SqlQuery>>): number {
  return Number(row?.version ?? 0);
}
