import type { Lifecycle } from '@preservarium/core';

/** Returns true for a finished command: a one-way command stays `delivered`, which is not final. */
export function isAtRest({ isFinal, state }: Lifecycle): boolean {
  return isFinal || state === 'delivered';
}
