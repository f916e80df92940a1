import { closeSync, cpSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { partitionForKey, silentLogger } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCrashableBackend } from '../test/crashable-backend.js';
import { createFakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createStateDirs } from '../test/state-dirs.js';
import { createWorld, type World } from '../test/world.js';

const away = () => createFakeDeliverer(() => ({ ...unreachable, afterMs: 60_000 }));
let world: World;
let files: ReturnType<typeof createStateDirs>;
let stateDir: string;

beforeEach(() => {
  world = createWorld();
  files = createStateDirs();
  stateDir = files.take();
});
afterEach(async () => {
  await world.close();
  files[Symbol.dispose]();
});

async function deferThree(): Promise<void> {
  const connector = await world.start(away(), { stateDir });
  for (const note of [1, 2, 3]) await world.push({ note });
  await expect.poll(() => connector.status().waiting).toBe(3);
  await expect.poll(() => world.uncommitted()).toBe(0);
  await connector.close();
}

test('a connector that starts with the store keeps the backoff of a device, and delivers in order when it appears', async () => {
  await deferThree();
  const deliverer = createFakeDeliverer();
  const connector = await world.start(deliverer, { stateDir });
  await expect.poll(() => connector.status().waiting).toBe(3);
  await world.push({ note: 4 });
  await expect.poll(() => connector.status().waiting).toBe(4);
  expect(deliverer.attempts).toEqual([]);
  deliverer.port.reachable('d1');
  await expect.poll(() => deliverer.accepted()).toEqual([1, 2, 3, 4]);
  await expect.poll(() => connector.status().waiting).toBe(0);
});

test('without the file, everything is read from the changelog', async () => {
  await deferThree();
  rmSync(stateDir, { recursive: true });
  const deliverer = createFakeDeliverer();
  await world.start(deliverer, { stateDir });
  await expect.poll(() => deliverer.accepted()).toEqual([1, 2, 3]);
});

test('with the store of an earlier time, what has ended since is not delivered again', async () => {
  await deferThree();
  const earlier = files.take();
  files.giveBackCopy(stateDir);
  const copy = files.take();
  const deliverer = createFakeDeliverer();
  const connector = await world.start(deliverer, { stateDir: earlier });
  await expect.poll(() => deliverer.accepted()).toEqual([1, 2, 3]);
  await expect.poll(() => connector.status().waiting).toBe(0);
  await connector.close();

  const next = createFakeDeliverer();
  const restarted = await world.start(next, { stateDir: copy });
  await world.push({ note: 4 });
  await expect.poll(() => next.accepted()).toEqual([4]);
  expect(restarted.status().waiting).toBe(0);
});

test('a waiting topic that was created anew while the connector was down is read into an empty store, which the log says', async () => {
  await deferThree();
  world.broker.recreateTopic('device_commands_waiting');
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (_: object, message: string) => errors.push(message) };
  const deliverer = createFakeDeliverer();
  const connector = await world.start(deliverer, { stateDir, logger });
  await world.push({ note: 4 });
  await expect.poll(() => deliverer.accepted()).toEqual([4]);
  expect(connector.status().waiting).toBe(0);
  expect(new Set(errors)).toEqual(
    new Set(['the waiting topic was created anew: the store is read from it again']),
  );
});

test('one that another connector has written to since then as well, also where it is longer than before', async () => {
  await deferThree();
  world.broker.recreateTopic('device_commands_waiting');
  const other = await world.start(away());
  for (let note = 4; note < 40; note++) await world.push({ note });
  await expect.poll(() => other.status().waiting).toBe(36);
  await other.close();
  const deliverer = createFakeDeliverer();
  await world.start(deliverer, { stateDir });
  await expect.poll(() => deliverer.accepted()).toEqual(Array.from({ length: 36 }, (_, at) => at + 4));
});

test('with the store, the changelog is read from where the store ends, not from the base', async () => {
  await deferThree();
  const offsets: number[] = [];
  const backend = createMemoryBackend({ broker: world.broker });
  const connector = await world.start(away(), {
    stateDir,
    backend: {
      ...backend,
      subscribe: (options) =>
        backend.subscribe({
          ...options,
          onRecords(records) {
            for (const { topic, offset } of records)
              if (topic === 'device_commands_waiting') offsets.push(offset);
            return options.onRecords(records);
          },
        }),
    },
  });
  await expect.poll(() => connector.status().waiting).toBe(3);
  await world.push({ note: 4 });
  await expect.poll(() => connector.status().waiting).toBe(4);
  const lengthOf = (partition: number) =>
    world.broker.records('device_commands_waiting').filter((record) => record.partition === partition).length;
  // Of each partition the last record of the first connector, and what the second one writes: a claim and progress, and the command.
  expect(offsets.length).toBeLessThan(12);
  expect(lengthOf(0) + lengthOf(1)).toBeGreaterThan(12);
});

test('a store in a file holds more than maxWaiting', async () => {
  const connector = await world.start(away(), { stateDir, limits: { maxWaiting: 1 } });
  for (const note of [1, 2, 3]) await world.push({ note });
  await expect.poll(() => connector.status().waiting).toBe(3);
});

test('beyond maxStoreBytes, commands stay in their topic, and none is dropped', async () => {
  const deliverer = createFakeDeliverer();
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (_: object, message: string) => errors.push(message) };
  const connector = await world.start(deliverer, { stateDir, logger, limits: { maxStoreBytes: 1 } });
  await world.push({ note: 1 });
  expect([connector.isReady(), connector.status().isStoreFull]).toEqual([false, true]);
  await connector.close();
  expect(connector.status().isStoreFull).toBe(false);
  expect(errors).toEqual([expect.stringContaining('the store is full')]);
  expect(deliverer.attempts).toEqual([]);
  await world.start(deliverer, { stateDir });
  await expect.poll(() => deliverer.accepted()).toEqual([1]);
});

test('a second connector with the same directory gets an error that names the variable', async () => {
  await world.start(away(), { stateDir });
  await expect(world.start(away(), { stateDir })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining('CONNECTOR_STATE_DIR'),
  });
  expect(readdirSync(stateDir)).toContain('waiting.db');
});

/** Overwrites the tables of commands, but not what is read at the opening. */
function damageCommands(directory: string): void {
  const path = join(directory, 'waiting.db');
  const database = new DatabaseSync(path);
  database.exec('pragma wal_checkpoint(truncate)');
  const { page_size: pageSize } = database.prepare('pragma page_size').get() as { page_size: number };
  const tables = database
    .prepare("select rootpage from sqlite_master where type = 'table' and name like 'command%'")
    .all() as { rootpage: number }[];
  database.close();
  const file = openSync(path, 'r+');
  for (const { rootpage } of tables) {
    writeSync(file, Buffer.alloc(pageSize, 0xff), 0, pageSize, (rootpage - 1) * pageSize);
  }
  closeSync(file);
}

const pageBytes = 4_096;

/** Copies the store, and cuts the database behind so many pages. */
function cutCopy(directory: string, pages: number): string {
  const copy = files.take();
  cpSync(directory, copy, { recursive: true });
  truncateSync(join(copy, 'waiting.db'), pages * pageBytes);
  return copy;
}

test('wherever the store of a crash was cut, at most one start fails on it, and the next one reads the changelog', async () => {
  await deferThree();
  const crashing = createCrashableBackend(world.broker);
  const crashed = await world.start(away(), { stateDir, backend: crashing.backend });
  for (const note of [4, 5]) await world.push({ note });
  await expect.poll(() => crashed.status().waiting).toBe(5);
  await expect.poll(() => statSync(join(stateDir, 'waiting.db-wal')).size).toBeGreaterThan(0);
  await crashing.crash();
  const pages = statSync(join(stateDir, 'waiting.db')).size / pageBytes;
  expect(pages).toBeGreaterThan(8);
  const failures: unknown[] = [];
  for (let left = 1; left < pages; left++) {
    const cut = cutCopy(stateDir, left);
    const run = async () => {
      const connector = await world.start(away(), { stateDir: cut });
      const waiting = expect.poll(() => connector.status().waiting).toBe(5);
      await Promise.race([waiting, connector.closed]);
      await connector.close();
    };
    await run().catch(async (error: unknown) => {
      failures.push(error);
      await run();
    });
  }
  for (const error of failures) {
    expect(error).toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('CONNECTOR_STATE_DIR'),
    });
  }
}, 60_000);

/** A device of the partition of `d1`. */
const neighbour = ['d2', 'd3', 'd4', 'd5', 'd6'].find(
  (deviceId) => partitionForKey(deviceId, 2) === partitionForKey('d1', 2),
) as string;

test('a connector that fails on its store hands nothing over: what the one before it sent is a repeat', async () => {
  await deferThree();
  damageCommands(stateDir);
  const crashing = createCrashableBackend(world.broker);
  const never = new Promise<never>(() => {});
  const before = createFakeDeliverer(({ deviceId }) => (deviceId === neighbour ? never : unreachable));
  await world.start(before, { backend: crashing.backend });
  const sent = await world.push({ deviceId: neighbour, note: 'sent' });
  await world.untilStates(sent, ['dispatched']);
  await crashing.crash();

  const failing = await world.start(createFakeDeliverer(), { stateDir });
  await expect(failing.closed).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  await failing.close();

  const next = createFakeDeliverer();
  await world.start(next, { stateDir });
  await expect.poll(() => next.accepted(neighbour)).toEqual(['sent']);
  const repeat = next.attempts.find(({ command }) => command.deviceId === neighbour);
  expect(repeat?.context.mayBeRepeat).toBe(true);
});
