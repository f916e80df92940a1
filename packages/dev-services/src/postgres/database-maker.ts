import { randomUUID } from 'node:crypto';
import { BackendUnavailableError } from '@preservarium/core';
import { Client } from 'pg';

const timeoutMs = 10_000;

/** Makes and deletes databases on a server. */
export interface DatabaseMaker {
  createDatabase(): Promise<string>;
  dropAll(): Promise<void>;
}

/** @param url of a role that may make databases */
export function createDatabaseMaker(url: string): DatabaseMaker {
  const names = new Set<string>();
  return {
    async createDatabase() {
      const name = `pusher_test_${randomUUID().replaceAll('-', '')}`;
      await runStatement(url, `CREATE DATABASE ${name}`);
      names.add(name);
      const made = new URL(url);
      made.pathname = name;
      return made.href;
    },
    async dropAll() {
      for (const name of names) await runStatement(url, `DROP DATABASE ${name} WITH (FORCE)`);
      names.clear();
    },
  };
}

/** Runs one statement on a connection of its own, and resolves with its rows. */
export async function runStatement(
  url: string,
  statement: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  try {
    await client.connect();
    return (await client.query(statement)).rows;
  } catch (cause) {
    throw new BackendUnavailableError(`PostgreSQL did not do "${statement}": ${String(cause)}`, { cause });
  } finally {
    await client.end();
  }
}
