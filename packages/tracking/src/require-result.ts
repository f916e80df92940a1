import { CommandFailedError, type CommandInput, checkResult, type Lifecycle } from '@preservarium/core';
import type { AnswerCapabilities } from './answer-capabilities.js';

/**
 * Checks what the device answered where there is an answer, and where there must be one.
 *
 * @throws CommandFailedError when it does not fit what is declared of the command, or of the device
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
