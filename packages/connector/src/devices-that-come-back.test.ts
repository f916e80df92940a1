import { partitionForKey } from '@preservarium/backend';
import type { DeliveryResult } from '@preservarium/deliverer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accepted, createFakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createStateDirs } from '../test/state-dirs.js';
import { createWorld, type World } from '../test/world.js';

const byGateway: DeliveryResult = { kind: 'delivered', evidence: 'gateway' };
const hourMs = 3_600_000;
/** Nothing is sent again before the test says so. */
const retry = { baseDelayMs: hourMs, maxDelayMs: hourMs };

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

const pushAll = async (devices: readonly string[]) => {
  for (const deviceId of devices) await world.push({ deviceId, note: deviceId });
};

test('thousands of devices that come back at once are woken at the rate, those that wait longest first', async () => {
  const devices = Array.from({ length: 3_000 }, (_, index) => `d${index}`);
  const wakeRate = 1_500;
  let nowMs = Date.now();
  const deliverer = createFakeDeliverer();
  const connector = await world.start(deliverer, {
    presence: 'require',
    retry,
    limits: { wakeRate },
    // Each waits since another time.
    clock: () => nowMs++,
  });
  for (const deviceId of devices) deliverer.port.presence?.(deviceId, 'away');
  await pushAll(devices);
  await expect.poll(() => connector.status().waiting, { timeout: 30_000 }).toBe(devices.length);
  expect(deliverer.attempts).toEqual([]);
  const startedMs = performance.now();
  // As the broker sends what it retained, which is in no order.
  for (const deviceId of devices.toReversed()) deliverer.port.presence?.(deviceId, 'present');
  await expect.poll(() => connector.status().waiting, { timeout: 30_000 }).toBe(0);
  // The first tenth of a second may come at once.
  const leastMs = (devices.length / wakeRate - 0.1) * 1_000;
  expect(performance.now() - startedMs).toBeGreaterThan(0.9 * leastMs);
  const order = deliverer.accepted().map((note) => devices.indexOf(String(note)));
  expect(order).toHaveLength(devices.length);
  // A command that was still on its way through the changelog comes after those of the other partition that were here.
  for (const partition of [0, 1]) {
    const ofPartition = order.filter((place) => partitionForKey(devices[place] ?? '', 2) === partition);
    expect(ofPartition).toEqual(ofPartition.toSorted((one, other) => one - other));
  }
  const half = devices.length / 2;
  expect(order.slice(0, half).filter((place) => place < half).length).toBeGreaterThan(0.9 * half);
}, 60_000);

test('commands that wait for an answer are in the store, whatever their number; few are in memory', async () => {
  const devices = Array.from({ length: 20_000 }, (_, index) => `d${index}`);
  const maxInFlight = 100;
  let most = 0;
  const deliverer = createFakeDeliverer(() => {
    most = Math.max(most, connector.status().inFlight);
    return byGateway;
  });
  const connector = await world.start(deliverer, {
    retry,
    stateDir: files.take(),
    limits: { maxInFlight, maxConcurrentDeliveries: 100 },
    proof: { evidence: 'executed', answerWithinMs: hourMs },
  });
  await pushAll(devices);
  await expect.poll(() => deliverer.accepted().length, { timeout: 60_000 }).toBe(devices.length);
  await expect
    .poll(() => connector.status().waiting, { timeout: 60_000 })
    .toBeGreaterThanOrEqual(devices.length - maxInFlight);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(maxInFlight);
  for (const { command } of deliverer.attempts.slice(0, 1_000)) {
    const { deviceId, requestId } = command;
    await deliverer.port.report({ deviceId, requestId, state: 'succeeded' });
  }
  const succeeded = () => world.events().filter(({ state }) => state === 'succeeded').length;
  await expect.poll(succeeded, { timeout: 30_000 }).toBe(1_000);
  expect(deliverer.attempts).toHaveLength(devices.length);
}, 150_000);

test('a device that shows itself while its queue is deferred gets all in order, and the event loop goes on meanwhile', async () => {
  const notes = Array.from({ length: 100 }, (_, index) => index);
  const first = Promise.withResolvers<DeliveryResult>();
  let deferred = 0;
  let deferredInTurn: number | undefined;
  const deliverer = createFakeDeliverer(() => (deliverer.attempts.length === 1 ? first.promise : accepted));
  const connector = await world.start(deliverer, {
    retry,
    onEvent({ state }) {
      if (state !== 'waiting') return;
      // So that a hundred take as long as thousands.
      for (const startedMs = performance.now(); performance.now() < startedMs + 1; );
      if (deferred++ > 0) return;
      setImmediate(() => {
        deferredInTurn = deferred;
        deliverer.port.reachable('d1');
      });
    },
  });
  for (const note of notes) await world.push({ note });
  await expect.poll(() => connector.status().inFlight).toBe(notes.length);
  first.resolve(unreachable);
  await expect.poll(() => deliverer.accepted(), { timeout: 10_000 }).toEqual(notes);
  expect(deferredInTurn).toBeLessThan(notes.length);
});
