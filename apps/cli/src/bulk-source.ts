import { open } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { ConfigurationError } from '@preservarium/core';

/** Where `bulk` reads from. */
export interface BulkSource {
  readonly chunks: AsyncIterable<Buffer>;
  /** Only of a regular file. */
  readonly sizeBytes: number | undefined;
  readBytes(): number;
}

/** Opens a file, or stdin for `-`. The chunks end when the signal aborts. */
export async function openBulkSource(path: string, signal: AbortSignal): Promise<BulkSource> {
  const { stream, sizeBytes } = await openStream(path);
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
      throw new ConfigurationError(`${path} cannot be read: ${String(cause)}`, { cause });
    }
  }

  return { chunks: chunks(), sizeBytes, readBytes: () => readBytes };
}

async function openStream(
  path: string,
): Promise<{ readonly stream: Readable; readonly sizeBytes: number | undefined }> {
  if (path === '-') return { stream: process.stdin, sizeBytes: undefined };
  try {
    const file = await open(path);
    const stats = await file.stat();
    return { stream: file.createReadStream(), sizeBytes: stats.isFile() ? stats.size : undefined };
  } catch (cause) {
    throw new ConfigurationError(`${path} cannot be read: ${String(cause)}`, { cause });
  }
}
