import { silentLogger } from '@preservarium/backend';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLimitedDisk } from '../../settings/test/limited-disk.js';
import { createFakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createStateDirs } from '../test/state-dirs.js';
import { createWorld, type World } from '../test/world.js';

const note = 'x'.repeat(2_000);
let world: World;
let files: ReturnType<typeof createStateDirs>;
let stateDir: string;
let disk: ReturnType<typeof createLimitedDisk>;

beforeEach(() => {
  world = createWorld();
  files = createStateDirs();
  stateDir = files.take();
  disk = createLimitedDisk(150);
});
afterEach(async () => {
  await world.close();
  disk[Symbol.dispose]();
  files[Symbol.dispose]();
});

async function pushMany(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let pushed = 0; pushed < count; pushed++) {
    ids.push(await world.push({ deviceId: `d${pushed % 7}`, note }));
  }
  return ids;
}

test('while its disk is full, a connector is not ready and takes nothing; with room it goes on, and nothing is lost', async () => {
  let isThere = false;
  const deliverer = createFakeDeliverer(() =>
    isThere ? { kind: 'delivered', evidence: 'device' } : unreachable,
  );
  const errors: { readonly message: string; readonly err: unknown }[] = [];
  const logger = {
    ...silentLogger,
    error: (fields: object, message: string) =>
      errors.push({ message, err: (fields as { err?: unknown }).err }),
  };
  const retry = { maxAttempts: 1, baseDelayMs: 60_000 };
  const connector = await world.start(deliverer, { stateDir, logger, retry });
  const ids = await pushMany(300);
  await expect.poll(() => connector.status().isStoreFull).toBe(true);
  expect(connector.isReady()).toBe(false);
  expect(errors).toEqual([
    {
      message: expect.stringContaining('the disk of the store is full'),
      err: expect.objectContaining({ message: expect.stringContaining('CONNECTOR_STATE_DIR') }),
    },
  ]);

  isThere = true;
  disk.resize(100_000);
  await expect.poll(() => connector.isReady(), { timeout: 10_000 }).toBe(true);
  const delivered = () => {
    for (let device = 0; device < 7; device++) deliverer.port.reachable(`d${device}`);
    return new Set(
      world.events().flatMap(({ state, requestId }) => (state === 'delivered' ? [requestId] : [])),
    );
  };
  await expect.poll(delivered, { timeout: 10_000 }).toEqual(new Set(ids));
  await expect.poll(() => connector.status().inFlight).toBe(0);
  expect(connector.status().waiting).toBe(0);
});

test('a connector closes in an orderly way while its disk is full', async () => {
  const deliverer = createFakeDeliverer(() => unreachable);
  const connector = await world.start(deliverer, {
    stateDir,
    retry: { maxAttempts: 1, baseDelayMs: 60_000 },
  });
  const ids = await pushMany(300);
  await expect.poll(() => connector.status().isStoreFull).toBe(true);
  await connector.close({ timeoutMs: 5_000 });

  disk.resize(100_000);
  const next = createFakeDeliverer();
  await world.start(next, { stateDir });
  await expect.poll(() => next.accepted().length, { timeout: 10_000 }).toBe(ids.length);
});

test('the presence of devices survives a full disk, or counts as not known', async () => {
  const deliverer = createFakeDeliverer(() => unreachable);
  const retry = { maxAttempts: 1, baseDelayMs: 60_000 };
  const connector = await world.start(deliverer, { stateDir, retry, presence: 'require' });
  await pushMany(300);
  await expect.poll(() => connector.status().isStoreFull).toBe(true);
  deliverer.port.presence?.('d1', 'away');
  deliverer.port.presence?.('d2', 'present');
  disk.resize(100_000);
  await expect.poll(() => connector.isReady(), { timeout: 10_000 }).toBe(true);
  deliverer.port.presence?.('d1', 'away');
  const attempts = () => deliverer.attempts.filter(({ command }) => command.deviceId === 'd1').length;
  await expect.poll(() => connector.status().waiting).toBe(300);
  const before = attempts();
  deliverer.port.reachable('d1');
  await expect.poll(attempts).toBeGreaterThan(before);
});
