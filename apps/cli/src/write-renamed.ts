import { renameSync, writeFileSync } from 'node:fs';

/** Writes another file, for its owner alone, and renames it: who reads the file never reads a part of it. */
export function writeRenamed(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
