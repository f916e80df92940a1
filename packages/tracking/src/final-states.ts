import type { CommandState } from '@preservarium/core';

const finalStates: ReadonlySet<CommandState> = new Set([
  'succeeded',
  'failed',
  'rejected',
  'expired',
  'superseded',
  'cancelled',
  'dead',
]);

/** Returns whether the state is final. `delivered` is not: the result of the device may follow. */
export function isFinal(state: CommandState): boolean {
  return finalStates.has(state);
}
