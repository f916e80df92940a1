import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const readme = join(import.meta.dirname, '../../README.md');

/** The TypeScript of the README, as the one program that a reader who follows it ends up with. */
export async function readmeProgram(): Promise<string> {
  const text = await readFile(readme, 'utf8');
  const snippets = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, snippet]) => snippet);
  return snippets.join('\n');
}
