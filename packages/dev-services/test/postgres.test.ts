import { Client } from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { startPostgres } from '../src/index.js';

afterEach(() => vi.unstubAllEnvs());

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

const databases = (url: string) =>
  query(url, "SELECT datname FROM pg_database WHERE datname LIKE 'pusher_test_%' ORDER BY datname");

test('databases know nothing of one another', async () => {
  await using server = await startPostgres({ isolated: true });
  const [one, other] = [await server.createDatabase(), await server.createDatabase()];
  await query(one, 'CREATE TABLE a (b integer)');
  await query(other, 'CREATE TABLE a (c text)');
  expect(await query(one, 'SELECT * FROM a')).toEqual([]);
});

test('it comes back with what it had after it was killed, at the same address', async () => {
  await using server = await startPostgres({ isolated: true });
  const url = await server.createDatabase();
  await query(url, 'CREATE TABLE a AS SELECT 1 AS b');
  await server.kill();
  await expect(query(url, 'SELECT * FROM a')).rejects.toThrow('ECONNREFUSED');
  await server.start();
  expect(await query(url, 'SELECT * FROM a')).toEqual([{ b: 1 }]);
});

test('the server that POSTGRES_URL names is used and tidied, and is not there to be killed', async () => {
  await using server = await startPostgres({ isolated: true });
  const url = await server.createDatabase();
  vi.stubEnv('POSTGRES_URL', url);
  const before = await databases(url);
  {
    await using named = await startPostgres();
    const made = new URL(await named.createDatabase());
    expect(made.host).toBe(new URL(url).host);
    expect(await databases(url)).toHaveLength(before.length + 1);
    await expect(named.kill()).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  }
  expect(await databases(url)).toEqual(before);
});

test('a server that POSTGRES_URL names and that does not answer is no reason to start another one', async () => {
  vi.stubEnv('POSTGRES_URL', 'postgres://postgres@127.0.0.1:1/postgres');
  await expect(startPostgres()).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('POSTGRES_URL'),
  });
});
