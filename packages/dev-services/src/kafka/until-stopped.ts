import { existsSync, readFileSync } from 'node:fs';

const giveUpAfterMs = 1_000;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Returns when SIGSTOP has stopped a process: one of its threads takes the signal and stops the others, and on a busy machine they
 * may do a good deal before. Returns at once where the system has no `/proc` to look at.
 */
export function untilStopped(processId: number): void {
  const status = `/proc/${processId}/stat`;
  const giveUpAtMs = performance.now() + giveUpAfterMs;
  while (existsSync(status) && stateIn(readFileSync(status, 'utf8')) !== 'T') {
    if (performance.now() > giveUpAtMs)
      throw new Error(`process ${processId} did not stop within ${giveUpAfterMs} ms`);
    Atomics.wait(sleeper, 0, 0, 1);
  }
}

/** The letter after the command's name, which stands in parentheses and may contain any. */
function stateIn(stat: string): string | undefined {
  return stat.slice(stat.lastIndexOf(')') + 2)[0];
}
