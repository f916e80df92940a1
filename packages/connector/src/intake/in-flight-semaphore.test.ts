import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInFlightSemaphore } from './in-flight-semaphore.js';

/** A record that counts as `weight`. */
function recordOf(weight: number) {
  const record = { topic: 't', partition: 0, offset: 0, timestampMs: 0, key: null, headers: [] };
  return { ...record, value: Buffer.alloc(weight) };
}

function semaphoreOf(max: number) {
  const semaphore = createInFlightSemaphore({ maxInFlight: max, maxInFlightBytes: max });
  return {
    ...semaphore,
    tryAcquire: (weight: number) => semaphore.tryAcquire(recordOf(weight)),
    release: (weight: number) => semaphore.release({ record: recordOf(weight), hasLeft: weight === 0 }),
  };
}

test('never holds more than it may, but for one that alone is too large', () => {
  const steps = fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), steps, (max, weights) => {
      const semaphore = semaphoreOf(max);
      const inside: number[] = [];
      for (const weight of weights) {
        if (semaphore.tryAcquire(weight)) inside.push(weight);
        else semaphore.release(inside.shift() ?? 0);
        const sum = inside.reduce((total, one) => total + one, 0);
        expect(semaphore.weight()).toBe(sum);
        expect(sum <= max || inside.length === 1).toBe(true);
      }
    }),
  );
});

test('once full, there is capacity in the turn after anything has left, and all who wait are woken', async () => {
  const semaphore = semaphoreOf(8);
  for (let entered = 0; entered < 8; entered++) expect(semaphore.tryAcquire(1)).toBe(true);
  expect(semaphore.tryAcquire(1)).toBe(false);
  const told: string[] = [];
  const waiting = Promise.all([
    semaphore.untilCapacity().then(() => told.push('first')),
    semaphore.untilCapacity().then(() => told.push('second')),
  ]);
  semaphore.release(1);
  expect(semaphore.tryAcquire(1)).toBe(false);
  semaphore.release(1);
  await waiting;
  expect(told).toEqual(['first', 'second']);
  expect(semaphore.tryAcquire(1)).toBe(true);
});

test('a heavy one is let in before lighter ones that came later', async () => {
  const semaphore = semaphoreOf(4);
  semaphore.tryAcquire(4);
  const order: string[] = [];
  async function acquire(name: string, weight: number): Promise<void> {
    while (!semaphore.tryAcquire(weight)) await semaphore.untilCapacity();
    order.push(name);
  }
  const entering = Promise.all([acquire('heavy', 4), acquire('light', 1)]);
  for (let left = 0; left < 4; left++) {
    semaphore.release(1);
    await Promise.resolve();
  }
  await Promise.race([entering, new Promise(setImmediate)]);
  expect(order).toEqual(['heavy']);
  semaphore.release(4);
  await entering;
  expect(order).toEqual(['heavy', 'light']);
});

test('what stays for long leaves the rest of the capacity to others', async () => {
  const semaphore = semaphoreOf(8);
  for (let stuck = 0; stuck < 7; stuck++) semaphore.tryAcquire(1);
  for (let passing = 0; passing < 3; passing++) {
    expect(semaphore.tryAcquire(1)).toBe(true);
    expect(semaphore.tryAcquire(1)).toBe(false);
    semaphore.release(1);
    await semaphore.untilCapacity();
  }
  expect(semaphore.weight()).toBe(7);
});
