import type { Readable } from 'node:stream';

export interface FoundLines {
  /** Resolves when a line has the text, or had it before. */
  find(text: string): Promise<void>;
}

/** Reads a stream to its end, and keeps the lines with the text alone. */
export function keepLines(stream: Readable, kept: string): FoundLines {
  const lines: string[] = [];
  const wanted = new Map<string, () => void>();
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const seen = rest + chunk;
    const end = seen.lastIndexOf('\n') + 1;
    rest = seen.slice(end);
    if (!seen.includes(kept)) return;
    lines.push(
      ...seen
        .slice(0, end)
        .split('\n')
        .filter((line) => line.includes(kept)),
    );
    for (const [text, resolve] of wanted) if (has(text)) resolve();
  });
  const has = (text: string) => lines.some((line) => line.includes(text));
  return {
    async find(text) {
      if (!has(text)) await new Promise<void>((resolve) => wanted.set(text, resolve));
      wanted.delete(text);
    },
  };
}
