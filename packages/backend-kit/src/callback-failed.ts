import { SubscriptionFailedError } from '@preservarium/core';

/** Returns the error of a subscription that ends because a callback of its application failed. */
export function callbackFailed(
  callback: 'onAssigned' | 'onRevoked',
  cause: unknown,
): SubscriptionFailedError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SubscriptionFailedError(`the subscription ended: ${callback} failed: ${reason}`, { cause });
}
