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

/** Whether a command stays in this state. `delivered` is not final: the device's result may follow. */
export function isFinal(state: CommandState): boolean {
  return finalStates.has(state);
}
