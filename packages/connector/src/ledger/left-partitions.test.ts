import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStateDir, openStore, waitingCommand } from '../../test/waiting-stores.js';
import type { WaitingStore } from './waiting-store.js';

const commands = 1_000;
const always = { keepLeftMs: 3_600_000 };
let dir: ReturnType<typeof createStateDir>;

beforeEach(() => {
  dir = createStateDir();
});
afterEach(() => dir.clean());

function fill(store: WaitingStore, partition: number): void {
  const waiting = store.of(partition);
  for (let offset = 0; offset < commands; offset++) waiting.add(waitingCommand(offset));
  waiting.keep(() => 'checkpoint');
}

/** Returns the rows of each partition in the file of a store that was closed. */
function rows(): Record<string, number> {
  using database = new DatabaseSync(`${dir.stateDir}/waiting.db`);
  const tables = database
    .prepare("select name from sqlite_master where name like 'command\\__' escape '\\'")
    .all();
  return Object.fromEntries(
    tables.map(({ name }) => [
      name,
      Number(database.prepare(`select count(*) as count from ${name}`).get()?.count),
    ]),
  );
}

test('rows of a partition that left are kept for a while: it goes on from there when it comes back', () => {
  const store = openStore(dir.stateDir, always);
  fill(store, 0);
  store.leave(0);
  expect(store.of(0).count()).toBe(commands);
  expect(store.of(0).checkpoint()).toBe('checkpoint');
  store.close();
  expect(rows()).toEqual({ command_0: commands });
});

test.each(['a file', 'memory'])('those of one that does not come back are dropped from %s', async (where) => {
  const store = openStore(where === 'memory' ? undefined : dir.stateDir, { keepLeftMs: 0 });
  fill(store, 0);
  fill(store, 1);
  store.leave(1);
  await expect.poll(() => store.left()).toEqual([]);
  expect(store.of(0).count()).toBe(commands);
  expect(store.of(1).count()).toBe(0);
  expect(store.of(1).checkpoint()).toBeUndefined();
  fill(store, 1);
  expect(store.of(1).count()).toBe(commands);
  store.close();
  if (where === 'a file') expect(rows()).toEqual({ command_0: commands, command_1: commands });
});

test('those of a partition that the connector is not given after a restart are dropped', async () => {
  const before = openStore(dir.stateDir);
  fill(before, 0);
  fill(before, 1);
  before.close();
  const store = openStore(dir.stateDir, { keepLeftMs: 0 });
  expect(store.of(0).count()).toBe(commands);
  await expect.poll(() => store.left()).toEqual([]);
  store.close();
  expect(rows()).toEqual({ command_0: commands });
});

test('a partition that comes back while its rows are dropped is read anew', () => {
  const before = openStore(dir.stateDir);
  fill(before, 0);
  before.close();
  const store = openStore(dir.stateDir, { maxStoreBytes: 1 });
  expect(store.isFull(0)).toBe(true);
  const waiting = store.of(0);
  expect(waiting.checkpoint()).toBeUndefined();
  waiting.clear();
  waiting.add(waitingCommand(7));
  expect(waiting.count()).toBe(1);
  store.close();
  expect(rows()).toEqual({ command_0: 1 });
});

test('a process that ends while rows are dropped leaves nothing that counts', () => {
  const before = openStore(dir.stateDir);
  fill(before, 0);
  before.close();
  const interrupted = openStore(dir.stateDir, { maxStoreBytes: 1 });
  interrupted.isFull(0);
  interrupted.close();
  const store = openStore(dir.stateDir, always);
  expect(store.of(0).checkpoint()).toBeUndefined();
  store.close();
});

test('a full store drops at once what it has of partitions that left', async () => {
  const store = openStore(dir.stateDir, { ...always, maxStoreBytes: 200_000 });
  fill(store, 0);
  fill(store, 1);
  store.leave(0);
  await expect.poll(() => store.isFull(0)).toBe(true);
  await expect.poll(() => store.left()).toEqual([]);
  expect(store.of(1).count()).toBe(commands);
  store.close();
});
