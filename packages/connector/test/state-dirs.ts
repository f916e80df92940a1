import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Directories for the stores of connectors, which pass from one to the next; removed at the end. */
export function createStateDirs() {
  const root = mkdtempSync(join(tmpdir(), 'connectors-'));
  const free: string[] = [];
  let made = 0;
  const make = () => join(root, String(made++));

  return {
    take: () => free.shift() ?? make(),
    giveBack: (directory: string) => free.push(directory),
    /** For a connector that crashed: the one in this process still has its directory open. */
    giveBackCopy(directory: string) {
      const copy = make();
      cpSync(directory, copy, { recursive: true });
      free.push(copy);
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
