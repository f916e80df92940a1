import { open } from 'node:fs/promises';
import { errorLine } from '@preservarium/command-line';
import { ConfigurationError, type PusherError } from '@preservarium/core';

/** A line that was not pushed. */
interface Reject {
  /** Number of the line, from 1. */
  readonly line: number;
  readonly error: PusherError;
  /** What stood in the line: its JSON, or its text where it has none. */
  readonly input: unknown;
}

export interface Rejects {
  /** Resolves when it has been written. */
  add(reject: Reject): Promise<void>;
  close(): Promise<void>;
}

/** Writes each reject to a file as one JSON line with the line's number, code, message and input. */
export async function openRejectsFile(path: string): Promise<Rejects> {
  const file = await open(path, 'w').catch((cause: unknown) => {
    throw new ConfigurationError(`--rejects ${path} cannot be written: ${String(cause)}`, { cause });
  });
  return {
    add: ({ line, error: { code, message }, input }) =>
      file.appendFile(`${JSON.stringify({ line, code, message, input })}\n`),
    close: () => file.close(),
  };
}

/** Says each reject in a line of its own, for those who name no file. */
export function reportRejects(write: (line: string) => void): Rejects {
  return {
    async add({ line, error }) {
      write(errorLine('pusher', error.code, `line ${line}: ${error.message}`));
    },
    async close() {},
  };
}
