import { fstatSync, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { ConfigurationError } from '@preservarium/core';

/** The input of `bulk`. */
export interface BulkSource {
  readonly chunks: AsyncIterable<Buffer>;
  /** Size in bytes; undefined for anything but a regular file. */
  readonly sizeBytes: number | undefined;
  readBytes(): number;
  /** Resolves to whether `path` is the file that is read, by whatever link or name. */
  isFile(path: string): Promise<boolean>;
}

/**
 * Opens a file, or stdin for `-`. The chunks end when the signal aborts.
 *
 * @throws ConfigurationError if it cannot be read
 */
export async function openBulkSource(path: string, signal: AbortSignal): Promise<BulkSource> {
  const { stream, stats } = await openStream(path);
  addAbortSignal(signal, stream);
  let readBytes = 0;

  async function* chunks(): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const chunk of stream) {
        readBytes += chunk.length;
        yield chunk;
      }
    } catch (cause) {
      if (signal.aborted) return;
      throw unreadable(path, cause);
    }
  }

  return {
    chunks: chunks(),
    sizeBytes: stats?.isFile() ? stats.size : undefined,
    readBytes: () => readBytes,
    async isFile(otherPath) {
      const other = await stat(otherPath).catch(() => undefined);
      return stats?.isFile() === true && other?.dev === stats.dev && other.ino === stats.ino;
    },
  };
}

async function openStream(
  path: string,
): Promise<{ readonly stream: Readable; readonly stats: Stats | undefined }> {
  if (path === '-') return { stream: process.stdin, stats: stdinStats() };
  try {
    const file = await open(path);
    return { stream: file.createReadStream(), stats: await file.stat() };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Stdin is a file after `pusher bulk < commands.ndjson`; undefined where it is closed. */
function stdinStats(): Stats | undefined {
  try {
    return fstatSync(0);
  } catch {
    return undefined;
  }
}

function unreadable(path: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`cannot read ${path} (${String(cause)}): name a file that can be read`, {
    cause,
  });
}
