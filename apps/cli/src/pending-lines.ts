/** A line whose command has no outcome yet. */
interface PendingLine {
  readonly line: number;
  readonly text: string;
  readonly sizeBytes: number;
}

export interface PendingLines {
  /** Resolves when the line fits. */
  add(line: PendingLine): Promise<void>;
  /** Removes and returns the oldest line; outcomes have the order of the commands. */
  takeFirst(): PendingLine;
}

/** Keeps the lines that `bulk` has read and not yet pushed, at most `maxBytes`; a larger line is kept alone. */
export function createPendingLines({ maxBytes }: { readonly maxBytes: number }): PendingLines {
  const lines: PendingLine[] = [];
  let sizeBytes = 0;
  let room = Promise.withResolvers<void>();

  return {
    async add(line) {
      while (sizeBytes > 0 && sizeBytes + line.sizeBytes > maxBytes) {
        room = Promise.withResolvers();
        await room.promise;
      }
      lines.push(line);
      sizeBytes += line.sizeBytes;
    },
    takeFirst() {
      const line = lines.shift();
      if (line === undefined) throw new RangeError('no line is pending');
      sizeBytes -= line.sizeBytes;
      room.resolve();
      return line;
    },
  };
}
