/** Writes lines to stdout, and resolves when there is room for more; rejects with EPIPE when nobody reads any longer. */
export function writeLines(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    process.stdout.write(`${lines.join('\n')}\n`, (error) => (error ? reject(error) : resolve()));
  });
}

export function writeJson(value: unknown): Promise<void> {
  return writeLines([JSON.stringify(value)]);
}
