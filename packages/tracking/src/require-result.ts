import { CommandFailedError, type CommandInput, checkResult, type Lifecycle } from '@preservarium/core';
import type { AnswerCapabilities } from './answer-capabilities.js';

/**
 * Checks the answer of the device, if there is one or if the command declares one.
 *
 * @throws CommandFailedError when the answer does not fit the result schema of the command or of the device's type
 */
export async function requireResult(
  command: CommandInput,
  lifecycle: Lifecycle,
  capabilities: AnswerCapabilities | undefined,
): Promise<void> {
  const { requestId, deviceId, state, result } = lifecycle;
  if (result === undefined && state !== 'succeeded') return;
  try {
    await checkResult(command, result);
    const mismatch = capabilities?.checkResult({ deviceId, commandType: command.commandType, result });
    if (mismatch !== undefined) throw mismatch;
  } catch (cause) {
    const message = `what ${deviceId} answered to command ${requestId} does not fit: ${String(cause)}`;
    throw new CommandFailedError(message, { lifecycle, cause });
  }
}
