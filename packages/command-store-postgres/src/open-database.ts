import type { Logger } from '@preservarium/backend';
import type { SqlDatabase, SqlDialect, SqlQuery } from '@preservarium/command-store/sql';
import { ClosedError, ConfigurationError } from '@preservarium/core';
import { type ClientBase, Pool } from 'pg';
import { toPusherError } from './to-pusher-error.js';

const dialect: SqlDialect = {
  text: 'text COLLATE "C"',
  integer: 'bigint',
  table: '',
  keyedTable: '',
  newId: 'gen_random_uuid()::text',
  nowMs: '(extract(epoch FROM clock_timestamp()) * 1000)::bigint',
};
const maxConnections = 4;
const connectTimeoutMs = 10_000;
/** PostgreSQL's own deadline for a statement, the wait for a lock included. */
const statementTimeoutMs = 30_000;
/** The deadline where PostgreSQL does not even say that it was missed. */
const answerTimeoutMs = 35_000;
/** One writer at a time in a database; any number that others do not use. */
const writerLock = 7_262_005_271;

/** Connects as needed: the address is found wrong at the first statement. */
export function openDatabase(url: string, logger: Logger): SqlDatabase {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new ConfigurationError('url must be like postgres://user:password@host:5432/database');
  }
  const pool = new Pool({
    connectionString: url,
    application_name: 'pusher_command_store',
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: answerTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
  });
  // Also between two statements, where nobody waits for it; the next use gets another one.
  pool.on('connect', (client) =>
    client.on('error', (error) => logger.warn({ err: error }, 'a connection to PostgreSQL broke')),
  );
  // Of the same errors, which would end the process otherwise.
  pool.on('error', () => {});
  let closing: Promise<void> | undefined;

  async function connected<Result>(use: (query: SqlQuery) => Promise<Result>): Promise<Result> {
    if (closing !== undefined) throw new ClosedError('the command store');
    const client = await translated(pool.connect());
    let failure: unknown;
    try {
      return await use(queryOn(client));
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      // A connection on which something failed is closed, which ends its transaction as well, whatever state it is in.
      client.release(failure !== undefined);
    }
  }

  return {
    query: (statement, parameters) => connected((query) => query(statement, parameters)),
    transaction: (run) =>
      connected(async (query) => {
        await query('BEGIN');
        await query('SELECT pg_advisory_xact_lock($1)', [writerLock]);
        const result = await run(query);
        await query('COMMIT');
        return result;
      }),
    selectFromJson,
    async insertAll(query, { table, columns, onConflict }, rows) {
      if (rows.length === 0) return;
      // One statement: each takes a way there and back.
      await query(
        `INSERT INTO ${table} (${Object.keys(columns).join(', ')}) ${selectFromJson('$1', columns)} WHERE true ${onConflict}`,
        [JSON.stringify(rows)],
      );
    },
    dialect,
    close() {
      closing ??= pool.end();
      return closing;
    },
  };
}

const selectFromJson: SqlDatabase['selectFromJson'] = (parameter, columns) => {
  const names = Object.keys(columns).join(', ');
  const fields = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return `SELECT ${names} FROM json_to_recordset(${parameter}::json) AS element (${fields.join(', ')})`;
};

function queryOn(client: ClientBase): SqlQuery {
  return async (statement, parameters = []) =>
    (await translated(client.query(statement, [...parameters]))).rows;
}

async function translated<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch (error) {
    throw toPusherError(error);
  }
}
