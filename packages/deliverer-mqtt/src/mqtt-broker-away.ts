import type { DeliveryResult } from '@preservarium/deliverer';

/** Returns the result for a broker that cannot be reached: no message gets to the device now. */
export function brokerAway(reason: string): DeliveryResult {
  return { kind: 'retryable', reason, unreachable: true };
}
