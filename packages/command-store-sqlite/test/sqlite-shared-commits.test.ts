import { expect, test } from 'vitest';
import { openDatabase } from '../src/open-database.js';
import { withSharedCommits } from '../src/sqlite-shared-commits.js';

test('statements at the same time share commits, and one that fails leaves the others alone', async () => {
  const database = openDatabase(':memory:', { survivesPowerLoss: false });
  let transactions = 0;
  const counted: typeof database = {
    ...database,
    transaction(run) {
      transactions += 1;
      return database.transaction(run);
    },
  };
  const { query, close } = withSharedCommits(counted);
  await query('CREATE TABLE lamps (name TEXT PRIMARY KEY) STRICT');
  const insert = (name: string) => query('INSERT INTO lamps VALUES ($1) RETURNING name', [name]);
  transactions = 0;
  const names = Array.from({ length: 1_000 }, (_, index) => `lamp-${index}`);
  const rows = await Promise.all(names.map(insert));
  expect(rows.flat().map(({ name }) => name)).toEqual(names);
  expect(transactions).toBeLessThan(10);

  const outcomes = await Promise.allSettled(['new', 'lamp-7', 'newer'].map(insert));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await query('SELECT count(*) AS count FROM lamps')).toEqual([{ count: 1_002 }]);
  await close();
});
