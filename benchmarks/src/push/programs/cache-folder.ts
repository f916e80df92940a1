import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Where what is compiled and installed for the benchmarks stays, beside their build. */
export async function cacheFolder(): Promise<string> {
  const folder = fileURLToPath(new URL('../.cache', import.meta.url));
  await mkdir(folder, { recursive: true });
  return folder;
}
