import type { ArrivedCommand, DeviceAnswer, Execute } from './device.js';

/** What the device answers; undefined when it has gone meanwhile. Never rejects. */
export async function runCommand(
  execute: Execute,
  command: ArrivedCommand,
  signal: AbortSignal,
): Promise<DeviceAnswer | undefined> {
  try {
    const answer = await execute(command, signal);
    return signal.aborted ? undefined : answer;
  } catch (error) {
    return signal.aborted ? undefined : { status: 'failed', reason: String(error) };
  }
}
