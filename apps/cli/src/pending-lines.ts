/** A line whose command has no outcome yet. */
interface PendingLine {
  readonly line: number;
  readonly input: unknown;
  readonly sizeBytes: number;
}

export interface PendingLines {
  /** Resolves at once where there is room, else when there is. */
  add(line: PendingLine): Promise<void>;
  /** The oldest one; outcomes come in the order of the commands. */
  takeFirst(): PendingLine;
}

/** Keeps what `bulk` has read and not yet pushed within `maxBytes`; one line alone may have more. */
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
