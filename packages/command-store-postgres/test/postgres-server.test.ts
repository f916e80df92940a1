import { type Postgres, startPostgres } from '@preservarium/dev-services';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresCommandStore } from '../src/index.js';

const event = { requestId: 'r1', deviceId: 'd1', state: 'failed', timestamp: new Date(0) } as const;

let server: Postgres;
let url: string;
beforeAll(async () => {
  server = await startPostgres({ isolated: true });
  url = await server.createDatabase();
});
afterAll(() => server.stop());

/** The URL with something else in it. */
function changed(change: (made: URL) => void): string {
  const made = new URL(url);
  change(made);
  return made.href;
}

async function execute(...statements: readonly string[]): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

test('invalid options reject with a code and without the password', async () => {
  const cases = [
    ['CONFIGURATION_INVALID', 'mysql://user:secret@127.0.0.1/db'],
    ['CONFIGURATION_INVALID', changed((made) => Object.assign(made, { pathname: 'no_such_database' }))],
    [
      'AUTHENTICATION_FAILED',
      changed((made) => Object.assign(made, { username: 'nobody', password: 'secret' })),
    ],
    ['STORE_UNAVAILABLE', changed((made) => Object.assign(made, { port: '1', password: 'secret' }))],
  ] as const;
  for (const [code, wrong] of cases) {
    const error = await createPostgresCommandStore({ url: wrong }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('secret');
  }
});

test('a role that may only read can read, and its writes reject', async () => {
  await using writer = await createPostgresCommandStore({ url });
  await writer.save([event]);
  await execute('CREATE ROLE reader LOGIN', 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader');
  await using reader = await createPostgresCommandStore({
    url: changed((made) => Object.assign(made, { username: 'reader' })),
  });
  expect((await reader.list({ limit: 1 })).lifecycles).toMatchObject([{ requestId: 'r1' }]);
  await expect(reader.save([{ ...event, requestId: 'r2' }])).rejects.toMatchObject({
    code: 'AUTHORIZATION_FAILED',
    retryable: false,
  });
});

test('while the server is gone calls are rejected as retryable, and afterwards the store goes on with what it had', async () => {
  await using store = await createPostgresCommandStore({ url });
  await store.clear();
  await store.save([event]);
  await server.kill();
  const calls = [store.get({ deviceId: 'd1', requestId: 'r1' }), store.save([event]), store.clear()];
  for (const outcome of await Promise.allSettled(calls))
    expect(outcome).toMatchObject({ reason: { code: 'STORE_UNAVAILABLE', retryable: true } });
  await server.start();
  expect(await store.countByState()).toEqual({ failed: 1 });
});

test('a save whose connection is cut off in the middle leaves nothing of it', async () => {
  await using store = await createPostgresCommandStore({ url });
  await store.clear();
  const { feedId } = await store.progress('events');
  const blocker = new Client(url);
  await blocker.connect();
  await blocker.query('BEGIN');
  await blocker.query('LOCK TABLE pusher_command_positions');
  const saving = store.save([event], [{ feedId, topic: 'events', partition: 0, nextOffset: 1 }]);
  const outcome = expect(saving).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await expect
    .poll(async () => {
      const { rowCount } = await blocker.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'pusher_command_store' AND wait_event_type = 'Lock'`,
      );
      return rowCount;
    })
    .toBe(1);
  await outcome;
  await blocker.query('ROLLBACK');
  await blocker.end();
  expect(await store.countByState()).toEqual({});
  expect((await store.progress('events')).nextOffsets.size).toBe(0);
});

test('while the database takes no changes calls are rejected as retryable, and the store goes on once it does', async () => {
  await using store = await createPostgresCommandStore({ url });
  await store.clear();
  const { pathname } = new URL(url);
  const readOnly = (value: string) =>
    execute(
      `ALTER DATABASE "${pathname.slice(1)}" SET default_transaction_read_only = ${value}`,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pusher_command_store'",
    );
  await readOnly('on');
  for (const _ of [1, 2]) {
    await expect
      .poll(() => store.save([event]).catch(({ message }) => message))
      .toContain('is it the primary?');
  }
  await expect(store.save([event])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  const undo = new Client(url);
  await undo.connect();
  await undo.query('SET default_transaction_read_only = off');
  await undo.query(`ALTER DATABASE "${pathname.slice(1)}" RESET default_transaction_read_only`);
  await undo.end();
  await expect.poll(() => store.save([event]).then(() => 'saved', String)).toBe('saved');
  expect(await store.countByState()).toEqual({ failed: 1 });
});

test('while the database takes no connections calls are rejected as retryable', async () => {
  await using store = await createPostgresCommandStore({ url });
  await store.clear();
  const { pathname } = new URL(url);
  const admin = new Client(changed((made) => Object.assign(made, { pathname: 'postgres' })));
  await admin.connect();
  const allow = (value: boolean) =>
    admin.query(`ALTER DATABASE "${pathname.slice(1)}" ALLOW_CONNECTIONS ${value}`);
  await allow(false);
  await admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pusher_command_store'",
  );
  await expect
    .poll(() => store.countByState().catch(({ message }) => message))
    .toContain('is it the primary?');
  const refused = { code: 'STORE_UNAVAILABLE', retryable: true };
  await expect(store.save([event])).rejects.toMatchObject(refused);
  await expect(createPostgresCommandStore({ url })).rejects.toMatchObject(refused);
  await allow(true);
  await admin.end();
  await store.save([event]);
  expect(await store.countByState()).toEqual({ failed: 1 });
});
