import type { Lifecycle } from '@preservarium/core';
import { isProven } from '@preservarium/tracking';

/**
 * Returns true for a finished command: a one-way command stays `delivered`, which is not final. One that only its device speaks of is
 * nothing to wait for either.
 */
export function isAtRest(lifecycle: Lifecycle): boolean {
  return lifecycle.isFinal || lifecycle.state === 'delivered' || !isProven(lifecycle);
}
