import { type CommandInput, type RequiredEvidence, ValidationError } from '@preservarium/core';
import { endOf } from './command-ends.js';
import type { AwaitedState } from './reached.js';

/**
 * Refuses a wait for a state that the command never reaches, before the command is pushed.
 *
 * @param evidence that of the command's type, where the command requires none itself
 * @throws ValidationError with the state to wait for
 */
export function assertAwaitable(
  { protocol, requiredEvidence }: Pick<CommandInput, 'protocol' | 'requiredEvidence'>,
  until: AwaitedState,
  evidence?: RequiredEvidence,
): void {
  const required = requiredEvidence ?? evidence;
  const end = endOf(protocol, required);
  if (end === undefined || end.awaitable.includes(until)) return;
  const message =
    `${until} never comes for a command over ${protocol} that requires ${required ?? 'no'} evidence: ` +
    `wait for ${end.awaitable.at(-1)}, or set requiredEvidence to executed if the device reports results`;
  throw new ValidationError('wait', [{ path: 'until', message }]);
}
