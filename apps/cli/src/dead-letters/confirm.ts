import { createInterface } from 'node:readline/promises';
import { printable } from '@preservarium/command-line';
import { AbortedError } from '@preservarium/core';

export interface ConfirmOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/** Asks a question, escaped for a terminal, and resolves to true for `y` and `yes`. Rejects with `ABORTED` when the signal aborts. */
export async function confirm(question: string, { input, output, signal }: ConfirmOptions): Promise<boolean> {
  // In terminal mode, readline would take Ctrl-C, which must stay a signal.
  const lines = createInterface({ input, output, terminal: false });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([lines.question(`${printable(question)} [y/N] `, { signal }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (cause) {
    throw signal.aborted ? new AbortedError('the question', { cause }) : cause;
  } finally {
    lines.close();
  }
}
