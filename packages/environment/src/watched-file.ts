import { statSync } from 'node:fs';
import { type Logger, silentLogger } from '@preservarium/backend';

const checkIntervalMs = 1_000;
/** A file that changed more recently may still be written. */
const settledAfterMs = 1_000;

export interface WatchedFileOptions<Content> {
  readonly path: string;
  /** Name of the content, for the log: `device directory`. */
  readonly name: string;
  /** Reads the whole file; throws when it is not valid. */
  read(path: string): Content;
  /** Default: nothing is logged. */
  readonly logger?: Logger | undefined;
}

/**
 * Returns a function that gives the content of a file that may change. A call notices within two seconds that it has. A file that may
 * still be written is not read: who writes it slowly writes another one and renames it. A version that cannot be read is logged as an
 * error, once, and read again every second; the last good version stays in use.
 *
 * @throws what `read` throws of the first version
 */
export function watchedFile<Content>(settings: WatchedFileOptions<Content>): () => Content {
  const { path, name, read, logger = silentLogger } = settings;
  let seen = versionOf(path).id;
  let inUse = seen;
  let loggedProblem = '';
  let content = read(path);
  let checkAtMs = performance.now() + checkIntervalMs;

  function reread(): void {
    const found = versionOf(path);
    if (found.id === inUse) return;
    // The clock of a network file system may be ahead: what has not changed since the last check is settled, too.
    const isSettled = found.id === seen || Date.now() - found.changedAtMs >= settledAfterMs;
    seen = found.id;
    if (!isSettled) return;
    try {
      const next = read(path);
      if (versionOf(path).id !== found.id) return;
      content = next;
      inUse = found.id;
      loggedProblem = '';
      logger.info({ path }, `the ${name} changed and was read again`);
    } catch (error) {
      const problem = `${found.id} ${String(error)}`;
      if (problem === loggedProblem) return;
      loggedProblem = problem;
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

/** `id` changes when the file does, also when another takes its place or it goes. */
function versionOf(path: string): { readonly id: string; readonly changedAtMs: number } {
  try {
    const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
    if (stats === undefined) return { id: 'missing', changedAtMs: 0 };
    return { id: `${stats.ino} ${stats.size} ${stats.mtimeNs}`, changedAtMs: Number(stats.mtimeMs) };
  } catch (error) {
    // A folder that may not be searched, for example: reading says so.
    return { id: String(error), changedAtMs: 0 };
  }
}
