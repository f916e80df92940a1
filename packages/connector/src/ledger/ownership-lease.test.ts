import { expect, test } from 'vitest';
import { createOwnershipLease, leaseMs } from './ownership-lease.js';

function createClocks() {
  let monotonicMs = 0;
  let wallMs = 0;
  return {
    now: () => ({ monotonicMs, wallMs }),
    pass(ms: number) {
      monotonicMs += ms;
      wallMs += ms;
    },
    sleep(ms: number) {
      wallMs += ms;
    },
  };
}

test('a lease holds from when its number was written, not from when it was read', () => {
  const clocks = createClocks();
  const lease = createOwnershipLease(clocks.now);
  expect(lease.isValid()).toBe(false);
  const id = lease.ask() ?? '';
  clocks.pass(leaseMs - 1);
  lease.confirm(id);
  expect(lease.isValid()).toBe(true);
  clocks.pass(1);
  expect(lease.isValid()).toBe(false);
});

test('a lease ends while the machine sleeps', () => {
  const clocks = createClocks();
  const lease = createOwnershipLease(clocks.now);
  lease.confirm(lease.ask() ?? '');
  expect(lease.isValid()).toBe(true);
  clocks.sleep(leaseMs);
  expect(lease.isValid()).toBe(false);
});

test('one number is asked for at a time, and others confirm nothing', () => {
  const lease = createOwnershipLease(createClocks().now);
  const id = lease.ask() ?? '';
  expect(lease.ask()).toBeUndefined();
  lease.confirm('of an earlier life');
  expect(lease.isValid()).toBe(false);
  lease.confirm(id);
  expect(lease.isValid()).toBe(true);
  expect(lease.ask()).not.toBe(id);
});
