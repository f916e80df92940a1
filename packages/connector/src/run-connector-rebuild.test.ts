import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Backend } from '@preservarium/backend';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCrashableBackend } from '../test/crashable-backend.js';
import { createFakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createStateDirs } from '../test/state-dirs.js';
import { createWorld, type World } from '../test/world.js';

const away = () => createFakeDeliverer(() => ({ ...unreachable, afterMs: 60_000 }));
let world: World;
let files: ReturnType<typeof createStateDirs>;

beforeEach(() => {
  world = createWorld();
  files = createStateDirs();
});
afterEach(async () => {
  await world.close();
  files[Symbol.dispose]();
});

/** Reads the commands of a store, but for the attempts, of which each start makes others. */
function commandsOf(stateDir: string) {
  const copy = files.take();
  cpSync(stateDir, copy, { recursive: true });
  const database = new DatabaseSync(join(copy, 'waiting.db'));
  const partitions = database.prepare('select id from partition order by id').all();
  const found = partitions.flatMap(({ id }) =>
    database
      .prepare(
        `select ${id} as partition, offset, channel, request_id, supersede_key, superseded_by, rank, deadline_ms, issued_at_ms, is_redriven, ended,
          topic, timestamp_ms, since_ms, hex(key) as key, hex(value) as value, headers
          from command_${id} join device_${id} on device = device_${id}.id order by offset`,
      )
      .all(),
  );
  database.close();
  return found;
}

/** Leaves 15 commands that wait, of which some have ended or replaced others meanwhile. */
async function fill(stateDir: string) {
  const connector = await world.start(away(), { stateDir });
  for (const deviceId of ['d1', 'd2', 'd3']) {
    await world.push({ deviceId, note: 'first' });
    const cancelled = await world.push({ deviceId, note: 'to be cancelled' });
    await world.push({ deviceId, note: 'before others', priority: 5 });
    await world.push({ deviceId, note: 'to be replaced', supersedeKey: 'key' });
    await world.push({ deviceId, note: 'replaces', supersedeKey: 'key' });
    await world.push({ deviceId, note: 'expires', expiresAt: new Date(Date.now() + 3_600_000) });
    await world.push({ deviceId, note: 'last', requestId: `${deviceId}-last` });
    await expect.poll(() => world.uncommitted()).toBe(0);
    await world.service.cancelCommand({ deviceId, requestId: cancelled });
  }
  await expect.poll(() => commandsOf(stateDir).length).toBe(15);
  await expect.poll(() => world.uncommitted()).toBe(0);
  await connector.close();
  return commandsOf(stateDir);
}

/** A backend that stops in the middle of the changelog, as a process does that is killed there. */
function stopsBehind(backend: Backend, records: number): Backend {
  let left = records;
  return {
    ...backend,
    subscribe: (options) =>
      backend.subscribe({
        ...options,
        async onRecords(given) {
          const isChangelog = given[0]?.topic === 'device_commands_waiting';
          const taken = isChangelog ? given.slice(0, left) : given;
          if (isChangelog) left -= taken.length;
          if (taken.length > 0) await options.onRecords(taken);
          if (left === 0) await new Promise<never>(() => {});
        },
      }),
  };
}

test('a store that is rebuilt has the commands of the one that was written as the connector ran', async () => {
  const written = await fill(files.take());
  const stateDir = files.take();
  const connector = await world.start(away(), { stateDir });
  await expect.poll(() => connector.status().waiting).toBe(15);
  await connector.close();
  expect(commandsOf(stateDir)).toEqual(written);
});

test.each([4, 9, 14, 19])(
  'so has one whose rebuild was killed behind record %i of the changelog',
  async (records) => {
    const written = await fill(files.take());
    const stateDir = files.take();
    const crashing = createCrashableBackend(world.broker);
    await world.start(away(), { stateDir, backend: stopsBehind(crashing.backend, records) });
    await expect.poll(() => commandsOf(stateDir).length).toBeGreaterThan(0);
    await crashing.crash();
    const killed = files.take();
    cpSync(stateDir, killed, { recursive: true });
    expect(commandsOf(killed).length).toBeLessThan(15);

    const connector = await world.start(away(), { stateDir: killed });
    await expect.poll(() => connector.status().waiting).toBe(15);
    await connector.close();
    expect(commandsOf(killed)).toEqual(written);
  },
);
