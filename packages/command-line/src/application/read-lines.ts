const newline = 0x0a;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** The line without its line break; at most `maxBytes` of it. */
  readonly bytes: Buffer;
  /** True: `bytes` is the whole line. */
  readonly complete: boolean;
}

/** Splits a stream into lines. Memory holds one line, and at most `maxBytes` of it. */
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
): AsyncGenerator<Line, void, undefined> {
  const splitter = createSplitter(maxBytes);
  for await (const chunk of chunks) yield* splitter.linesOf(chunk);
  yield* splitter.rest();
}

/** Splits a stream into the lines that each chunk ends: up to `maxLines` at once. Cheaper than {@link readLines}, line by line. */
export async function* readLineBatches(
  chunks: AsyncIterable<Buffer>,
  { maxBytes, maxLines }: { readonly maxBytes: number; readonly maxLines: number },
): AsyncGenerator<readonly Line[], void, undefined> {
  const splitter = createSplitter(maxBytes);
  for await (const chunk of chunks) {
    let batch: Line[] = [];
    for (const line of splitter.linesOf(chunk)) {
      batch.push(line);
      if (batch.length < maxLines) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
  const rest = [...splitter.rest()];
  if (rest.length > 0) yield rest;
}

function createSplitter(maxBytes: number) {
  let parts: Buffer[] = [];
  let sizeBytes = 0;
  let number = 0;

  function add(part: Buffer): void {
    const room = maxBytes - sizeBytes;
    sizeBytes += part.length;
    if (room > 0) parts.push(part.subarray(0, room));
  }

  function take(): Line {
    number += 1;
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    const line = { number, bytes, complete: sizeBytes <= maxBytes };
    parts = [];
    sizeBytes = 0;
    return line;
  }

  return {
    *linesOf(chunk: Buffer): Generator<Line, void> {
      let start = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        add(chunk.subarray(start, end));
        yield take();
        start = end + 1;
      }
      add(chunk.subarray(start));
    },
    /** The last line, if it has no line break. */
    *rest(): Generator<Line, void> {
      if (sizeBytes > 0) yield take();
    },
  };
}
