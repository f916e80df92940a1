import type { WaitingCommand, WaitingCommands } from './waiting-store.js';

/** So many are read and written at a time: the event loop goes on in between. */
const windowSize = 500;

interface Writer {
  readonly waiting: Pick<WaitingCommands, 'writtenBetween' | 'attempted'>;
  /** Nothing may be written any more. */
  readonly isGone: boolean;
  /** Resolves when Kafka has the command. */
  rewrite(command: WaitingCommand): Promise<void>;
}

/** Writes to the changelog the commands whose records are below an offset of it, so that the base can pass these. */
export async function rewriteBelow(writer: Writer, below: number): Promise<void> {
  let above = -1;
  while (!writer.isGone) {
    const window = writer.waiting.writtenBetween(above, below, windowSize);
    const last = window.at(-1);
    if (last === undefined) return;
    above = last.changelogOffset;
    await window.map(writer.rewrite).at(-1);
  }
}

/** Writes to the changelog the commands that have attempts that it does not know of. Resolves when Kafka has them. */
export async function rewriteAttempted(writer: Writer): Promise<void> {
  let above = -1;
  while (!writer.isGone) {
    const window = writer.waiting.attempted(above, windowSize);
    const last = window.at(-1);
    if (last === undefined) return;
    above = last.record.offset;
    await window.map(writer.rewrite).at(-1);
  }
}
