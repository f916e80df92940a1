const maxLines = 10;

/** Returns the last lines of each text that is not empty: programs end with what they died of, some on stdout. */
export function lastLines(...texts: readonly string[]): string {
  return texts
    .map((text) => text.trimEnd().split('\n').slice(-maxLines).join('\n'))
    .filter((tail) => tail !== '')
    .join('\n');
}
