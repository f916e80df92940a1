import { readdirSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
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

test('a store in a file holds more than maxWaiting', async () => {
  const connector = await world.start(away(), { stateDir, limits: { maxWaiting: 1 } });
  for (const note of [1, 2, 3]) await world.push({ note });
  await expect.poll(() => connector.status().waiting).toBe(3);
});

test('beyond maxStoreBytes, commands stay in their topic, and none is dropped', async () => {
  const deliverer = createFakeDeliverer();
  const connector = await world.start(deliverer, { stateDir, limits: { maxStoreBytes: 1 } });
  await world.push({ note: 1 });
  await connector.close();
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
