import { expect, test } from 'vitest';
import { createSemaphore } from './semaphore.js';

test('lets in as much as there is room for, and the others in their order', async () => {
  const semaphore = createSemaphore(3);
  expect(semaphore.acquire(2)).toBeUndefined();
  const order: string[] = [];
  const large = semaphore.acquire(2)?.then(() => order.push('large'));
  const small = semaphore.acquire(1)?.then(() => order.push('small'));
  expect(semaphore.weight()).toBe(2);
  semaphore.release(2);
  await Promise.all([large, small]);
  expect(order).toEqual(['large', 'small']);
  expect(semaphore.weight()).toBe(3);
});

test('what is larger than all the room goes in when all is empty', async () => {
  const semaphore = createSemaphore(3);
  semaphore.acquire(1);
  let isIn = false;
  const entering = semaphore.acquire(10)?.then(() => {
    isIn = true;
  });
  expect(isIn).toBe(false);
  semaphore.release(1);
  await entering;
  expect(semaphore.weight()).toBe(10);
});
