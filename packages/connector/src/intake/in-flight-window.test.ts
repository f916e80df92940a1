import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInFlightWindow as createWindow } from './in-flight-window.js';

/** A record that counts as `weight`. */
function recordOf(weight: number) {
  const record = { topic: 't', partition: 0, offset: 0, timestampMs: 0, key: null, headers: [] };
  return { ...record, value: Buffer.alloc(weight) };
}

function createInFlightWindow(max: number) {
  const window = createWindow({ maxInFlight: max, maxInFlightBytes: max });
  return {
    ...window,
    enter: (weight: number) => window.enter(recordOf(weight)),
    leave: (weight: number) => window.leave({ record: recordOf(weight), hasLeft: weight === 0 }),
  };
}

test('never holds more than it may, but for one that alone is too large', () => {
  const steps = fc.array(fc.integer({ min: 1, max: 15 }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), steps, (max, weights) => {
      const window = createInFlightWindow(max);
      const inside: number[] = [];
      for (const weight of weights) {
        if (window.enter(weight)) inside.push(weight);
        else window.leave(inside.shift() ?? 0);
        const sum = inside.reduce((total, one) => total + one, 0);
        expect(window.weight()).toBe(sum);
        expect(sum <= max || inside.length === 1).toBe(true);
      }
    }),
  );
});

test('once full, there is capacity in the turn after anything has left, and all who wait are woken', async () => {
  const window = createInFlightWindow(8);
  for (let entered = 0; entered < 8; entered++) expect(window.enter(1)).toBe(true);
  expect(window.enter(1)).toBe(false);
  const told: string[] = [];
  const waiting = Promise.all([
    window.untilCapacity().then(() => told.push('first')),
    window.untilCapacity().then(() => told.push('second')),
  ]);
  window.leave(1);
  expect(window.enter(1)).toBe(false);
  window.leave(1);
  await waiting;
  expect(told).toEqual(['first', 'second']);
  expect(window.enter(1)).toBe(true);
});

test('a heavy one is let in before lighter ones that came later', async () => {
  const window = createInFlightWindow(4);
  window.enter(4);
  const order: string[] = [];
  async function enter(name: string, weight: number): Promise<void> {
    while (!window.enter(weight)) await window.untilCapacity();
    order.push(name);
  }
  const entering = Promise.all([enter('heavy', 4), enter('light', 1)]);
  for (let left = 0; left < 4; left++) {
    window.leave(1);
    await Promise.resolve();
  }
  await Promise.race([entering, new Promise(setImmediate)]);
  expect(order).toEqual(['heavy']);
  window.leave(4);
  await entering;
  expect(order).toEqual(['heavy', 'light']);
});

test('what stays for long leaves the rest of the capacity to others', async () => {
  const window = createInFlightWindow(8);
  for (let stuck = 0; stuck < 7; stuck++) window.enter(1);
  for (let passing = 0; passing < 3; passing++) {
    expect(window.enter(1)).toBe(true);
    expect(window.enter(1)).toBe(false);
    window.leave(1);
    await window.untilCapacity();
  }
  expect(window.weight()).toBe(7);
});
