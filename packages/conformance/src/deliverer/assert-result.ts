import assert from 'node:assert/strict';
import type { DeliveryResult } from '@preservarium/deliverer';

export function assertDelivered(result: DeliveryResult): void {
  assert.equal(result.kind, 'delivered', JSON.stringify(result));
}

export function assertRetryable(
  result: DeliveryResult,
  expected: { readonly unreachable?: boolean } = {},
): void {
  const got = JSON.stringify(result);
  assert.ok(result.kind === 'retryable', got);
  assert.ok(result.reason !== '', 'there is a reason');
  if (expected.unreachable !== undefined) assert.equal(result.unreachable, expected.unreachable, got);
}

export function assertRejected(result: DeliveryResult): void {
  assert.ok(result.kind === 'rejected', JSON.stringify(result));
  assert.ok(result.reason !== '', 'there is a reason');
}
