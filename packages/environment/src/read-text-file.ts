import { closeSync, openSync, readSync } from 'node:fs';

/** Largest file that an operator gives: capabilities, device directories, device types, secrets; in bytes. */
export const maxFileBytes = 64 * 1024 * 1024;

const chunkBytes = 64 * 1024;

/**
 * Returns the text of a file, read until its end: it may be a pipe.
 *
 * @param maxBytes default 64 MiB
 * @throws Error when the file cannot be read, or is larger
 */
export function readTextFile(path: string, maxBytes: number = maxFileBytes): string {
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let size = 0; ; ) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const length = readSync(file, chunk);
      if (length === 0) return Buffer.concat(chunks).toString('utf8');
      size += length;
      if (size > maxBytes) throw new Error(`the file is larger than ${maxBytes} bytes`);
      chunks.push(chunk.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}
