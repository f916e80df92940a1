import type { Lifecycle } from '@preservarium/core';

/** Whether a command has come to rest: a one-way command stays `delivered`, which is not final. */
export function isAtRest({ isFinal, state }: Lifecycle): boolean {
  return isFinal || state === 'delivered';
}
