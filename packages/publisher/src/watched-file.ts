import { statSync } from 'node:fs';
import { type Logger, silentLogger } from './logger.js';

const checkIntervalMs = 1_000;

export interface WatchedFileSettings<Content> {
  readonly path: string;
  /** What the file holds, for the log: `device directory`. */
  readonly name: string;
  /** Reads the whole file; throws when it is not valid. */
  read(path: string): Content;
  /** Default: nothing is logged. */
  readonly logger?: Logger | undefined;
}

/**
 * The content of a file that may change. A call notices within a second that it has; a version that is not valid is logged as an
 * error, and the last good one stays in use.
 *
 * @returns gives the content as it is now
 * @throws what `read` throws of the first version
 */
export function watchedFile<Content>(settings: WatchedFileSettings<Content>): () => Content {
  const { path, name, read, logger = silentLogger } = settings;
  let version = versionOf(path);
  let content = read(path);
  let checkAtMs = performance.now() + checkIntervalMs;

  function reread(): void {
    const found = versionOf(path);
    if (found === version) return;
    version = found;
    try {
      content = read(path);
      logger.info({ path }, `the ${name} changed and was read again`);
    } catch (error) {
      logger.error(
        { path, error },
        `the ${name} changed and is not valid; its last good version stays in use`,
      );
    }
  }

  return () => {
    const nowMs = performance.now();
    if (nowMs >= checkAtMs) {
      checkAtMs = nowMs + checkIntervalMs;
      reread();
    }
    return content;
  };
}

/** Changes when the file does, also when another takes its place or it goes. */
function versionOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? 'missing' : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
}
