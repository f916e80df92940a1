import { expect, test } from 'vitest';
import { createSemaphore } from './semaphore.js';

test('lets in as much as there is room for, and the others in their order', async () => {
  const gate = createSemaphore(3);
  expect(gate.enter(2)).toBeUndefined();
  const order: string[] = [];
  const large = gate.enter(2)?.then(() => order.push('large'));
  const small = gate.enter(1)?.then(() => order.push('small'));
  expect(gate.weight()).toBe(2);
  gate.leave(2);
  await Promise.all([large, small]);
  expect(order).toEqual(['large', 'small']);
  expect(gate.weight()).toBe(3);
});

test('what is larger than all the room goes in when all is empty', async () => {
  const gate = createSemaphore(3);
  gate.enter(1);
  let isIn = false;
  const entering = gate.enter(10)?.then(() => {
    isIn = true;
  });
  expect(isIn).toBe(false);
  gate.leave(1);
  await entering;
  expect(gate.weight()).toBe(10);
});
