import { MultiBar, Presets } from 'cli-progress';

export interface BulkProgress {
  update(readBytes: number, counts: { readonly pushed: number; readonly failed: number }): void;
  /** Writes a line to stderr above the bar. */
  write(line: string): void;
  stop(): void;
}

/**
 * Shows a progress bar on stderr if that is a terminal.
 *
 * @param totalBytes size of the input; undefined if unknown
 */
export function createBulkProgress(totalBytes: number | undefined): BulkProgress {
  if (!process.stderr.isTTY) {
    return { update() {}, write: (line) => process.stderr.write(line), stop() {} };
  }
  const counts = '{pushed} pushed, {failed} failed, {duration_formatted}';
  const bars = new MultiBar(
    {
      stream: process.stderr,
      clearOnComplete: true,
      gracefulExit: false,
      format: totalBytes === undefined ? counts : `{bar} {percentage} %  ${counts}`,
    },
    Presets.shades_classic,
  );
  const bar = bars.create(totalBytes ?? 0, 0, { pushed: 0, failed: 0 });
  return {
    update: (readBytes, counts) => bar.update(readBytes, counts),
    write: (line) => bars.log(line),
    stop() {
      bars.update();
      bars.stop();
    },
  };
}
