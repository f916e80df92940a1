import { randomUUID } from 'node:crypto';
import { type FileHandle, open, realpath, rename, stat } from 'node:fs/promises';
import { errorLine } from '@preservarium/command-line';
import { ConfigurationError, type PusherError } from '@preservarium/core';

/** A line that was not pushed. */
interface Reject {
  /** Number of the line, from 1. */
  readonly line: number;
  readonly error: PusherError;
  /** Content of the line. */
  readonly text: string;
}

export interface Rejects {
  /** Resolves when the reject is written. */
  add(reject: Reject): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file of rejects: one JSON line for each, with the line's number, code, message and input. The lines go to `<path>.<uuid>.partial`, which
 * replaces the file when it is closed, so that a program that still reads the earlier file loses nothing. A path that is no
 * regular file, such as a pipe, is written directly.
 *
 * @throws ConfigurationError if the file cannot be written
 */
export async function openRejectsFile(path: string): Promise<Rejects> {
  const { file, close } = await openForReplacement(path).catch((cause: unknown) => {
    throw new ConfigurationError(
      `--rejects ${path} cannot be written (${String(cause)}): name a file in a writable folder`,
      { cause },
    );
  });
  return {
    add: ({ line, error: { code, message }, text }) =>
      file.appendFile(`${JSON.stringify({ line, code, message }).slice(0, -1)},"input":${inputOf(text)}}\n`),
    close,
  };
}

/** Reports each reject as an error line, where no file is named. */
export function reportRejects(write: (line: string) => void): Rejects {
  return {
    async add({ line, error }) {
      write(errorLine('pusher', error.code, `line ${line}: ${error.message}`));
    },
    async close() {},
  };
}

async function openForReplacement(
  path: string,
): Promise<{ readonly file: FileHandle; close(): Promise<void> }> {
  // Resolves links, so that the file is replaced and not the link to it.
  const target = await realpath(path).catch(() => path);
  const existing = await stat(target).catch(() => undefined);
  if (existing !== undefined && !existing.isFile()) {
    const file = await open(target, 'w');
    return { file, close: () => file.close() };
  }
  const partial = `${target}.${randomUUID()}.partial`;
  const file = await open(partial, 'wx', existing?.mode);
  return {
    file,
    async close() {
      await file.close();
      await rename(partial, target);
    },
  };
}

/** The line's JSON, or its text as a JSON string if it has none, or nesting that `JSON.stringify` cannot write. */
function inputOf(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return JSON.stringify(text);
  }
}
