import type { CommandStoreFeed } from '@preservarium/command-store';
import { Presets, SingleBar } from 'cli-progress';

export interface CatchUpOptions {
  /** Longest time without progress, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called once with the number of records to read. */
  onTotal?(recordCount: number): void;
}

/**
 * Waits until the store has all that is in Kafka now, with a progress bar on stderr if that is a terminal.
 *
 * @returns number of records
 */
export async function catchUp(
  feed: CommandStoreFeed,
  { timeoutMs, signal, onTotal }: CatchUpOptions,
): Promise<number> {
  let total: number | undefined;
  const bar = process.stderr.isTTY
    ? new SingleBar(
        {
          stream: process.stderr,
          clearOnComplete: true,
          gracefulExit: false,
          format: '{bar} {percentage} %  {value} of {total} records',
        },
        Presets.shades_classic,
      )
    : undefined;
  try {
    await feed.untilCaughtUp({
      timeoutMs,
      signal,
      onProgress(readCount, totalCount) {
        if (total === undefined) {
          onTotal?.(totalCount);
          bar?.start(totalCount, readCount);
        }
        total = totalCount;
        bar?.update(readCount);
      },
    });
  } finally {
    bar?.stop();
  }
  return total ?? 0;
}
