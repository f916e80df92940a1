import type { ArrivedCommand, DeviceAnswer, Execute } from './device.js';

/** Refuses a command that has expired; resolves to the answer of the device, or to undefined if it went offline meanwhile. Never rejects. */
export async function runCommand(
  execute: Execute,
  command: ArrivedCommand,
  signal: AbortSignal,
): Promise<DeviceAnswer | undefined> {
  const { expiresAt } = command;
  if (expiresAt !== undefined && expiresAt.getTime() <= Date.now()) {
    return { status: 'rejected', reason: `expired at ${expiresAt.toISOString()}` };
  }
  try {
    const answer = await execute(command, signal);
    return signal.aborted ? undefined : answer;
  } catch (error) {
    return signal.aborted ? undefined : { status: 'failed', reason: String(error) };
  }
}
