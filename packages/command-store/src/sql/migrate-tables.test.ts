import { DatabaseSync } from 'node:sqlite';
import { StoreFailedError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { migrateTables } from './migrate-tables.js';
import type { SqlQuery } from './sql-database.js';

const firstVersion = ['CREATE TABLE lamps (name TEXT)', "INSERT INTO lamps VALUES ('old')"];
const secondVersion = ["ALTER TABLE lamps ADD COLUMN colour TEXT DEFAULT 'red'"];

function openDatabase() {
  const connection = new DatabaseSync(':memory:');
  const query: SqlQuery = async (statement, parameters = []) => {
    try {
      const named = Object.fromEntries(parameters.map((value, index) => [`$${index + 1}`, value]));
      return connection.prepare(statement).all(named);
    } catch (error) {
      throw new StoreFailedError('the statement failed', { cause: error });
    }
  };
  async function transaction<Result>(run: (query: SqlQuery) => Promise<Result>): Promise<Result> {
    connection.exec('BEGIN');
    try {
      const result = await run(query);
      connection.exec('COMMIT');
      return result;
    } catch (error) {
      connection.exec('ROLLBACK');
      throw error;
    }
  }
  return { query, transaction };
}

test('tables of an older version are brought up to date, once, and keep their rows', async () => {
  const database = openDatabase();
  await migrateTables(database, [firstVersion]);
  for (const _ of [1, 2]) await migrateTables(database, [firstVersion, secondVersion]);
  expect(await database.query('SELECT * FROM lamps')).toEqual([{ name: 'old', colour: 'red' }]);
});

test('a version whose last statement fails changes nothing', async () => {
  const database = openDatabase();
  await migrateTables(database, [firstVersion]);
  const broken = [...secondVersion, 'ALTER TABLE lamps ADD COLUMN colour TEXT'];
  await expect(migrateTables(database, [firstVersion, broken])).rejects.toMatchObject({
    code: 'STORE_FAILED',
  });
  expect(await database.query('SELECT * FROM lamps')).toEqual([{ name: 'old' }]);
  await migrateTables(database, [firstVersion, secondVersion]);
});
