import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInFlightSemaphore } from './in-flight-semaphore.js';

/** A record that counts as `weight`. */
function recordOf(weight: number, partition: number) {
  const record = { topic: 't', partition, offset: 0, timestampMs: 0, key: null, headers: [] };
  return { ...record, value: Buffer.alloc(weight) };
}

function semaphoreOf(max: number) {
  const semaphore = createInFlightSemaphore({ maxInFlight: max, maxInFlightBytes: max });
  return {
    ...semaphore,
    tryAcquire: (weight: number, partition = 0) => semaphore.tryAcquire(recordOf(weight, partition)),
    release: (weight: number, partition = 0) =>
      semaphore.release({ record: recordOf(weight, partition), hasLeft: weight === 0 }),
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

test('once full, all who wait are woken in the turn after anything has left', async () => {
  const semaphore = semaphoreOf(4);
  for (let entered = 0; entered < 4; entered++) expect(semaphore.tryAcquire(1)).toBe(true);
  expect(semaphore.tryAcquire(1)).toBe(false);
  const told: string[] = [];
  const waiting = Promise.all([
    semaphore.untilCapacity().then(() => told.push('first')),
    semaphore.untilCapacity().then(() => told.push('second')),
  ]);
  semaphore.release(1);
  semaphore.release(1);
  await waiting;
  expect(told).toEqual(['first', 'second']);
  expect(semaphore.tryAcquire(1)).toBe(true);
});

test('partitions whose records stay leave room for those of all others', () => {
  const partitions = fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 2_000 });
  fc.assert(
    fc.property(partitions, (stuck) => {
      const semaphore = semaphoreOf(1_000);
      for (const partition of stuck) semaphore.tryAcquire(1, partition);
      for (let passing = 0; passing < 100; passing++) {
        expect(semaphore.tryAcquire(1, 12)).toBe(true);
        semaphore.release(1, 12);
      }
    }),
  );
});

test('one partition alone has four fifths of the capacity', () => {
  const semaphore = semaphoreOf(1_000);
  while (semaphore.tryAcquire(1));
  expect(semaphore.weight()).toBe(800);
});

test('what stays for long leaves the rest of the capacity to others', async () => {
  const semaphore = semaphoreOf(4);
  for (let stuck = 0; stuck < 3; stuck++) semaphore.tryAcquire(1);
  for (let passing = 0; passing < 3; passing++) {
    expect(semaphore.tryAcquire(1)).toBe(true);
    expect(semaphore.tryAcquire(1)).toBe(false);
    semaphore.release(1);
    await semaphore.untilCapacity();
  }
  expect(semaphore.weight()).toBe(3);
});
