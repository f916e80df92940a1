import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';

/** A folder appears whole or not at all; of several processes that make it at once, the first one wins. */
export async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
