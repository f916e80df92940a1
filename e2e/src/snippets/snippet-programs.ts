import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MarkdownBlock } from './markdown-blocks.js';

/** The TypeScript of one block, or of a block and those after it that continue it. */
export interface SnippetProgram {
  /** Document and line of its first block. */
  readonly name: string;
  readonly mode: 'run' | 'compile' | 'until-sigterm';
  readonly text: string;
}

const modes = ['run', 'compile', 'until-sigterm'] as const;

/** Returns the programs of the blocks. A block with the marker `continued` belongs to the program of the block before it. */
export function snippetPrograms(blocks: readonly MarkdownBlock[]): readonly SnippetProgram[] {
  const programs: SnippetProgram[] = [];
  for (const { document, line, marker, text } of blocks) {
    const name = `${document}:${line}`;
    const last = programs.at(-1);
    if (marker === 'continued' && last?.name.startsWith(`${document}:`)) {
      programs[programs.length - 1] = { ...last, text: `${last.text}\n${text}` };
      continue;
    }
    const mode = modes.find((candidate) => candidate === (marker || 'run'));
    if (mode === undefined)
      throw new Error(`${name}: snippet: ${marker}; known: continued, ${modes.join(', ')}`);
    programs.push({ name, mode, text });
  }
  return programs;
}

/** Writes each program to a file of its own and returns the files, in order. */
export async function writePrograms(
  folder: string,
  programs: readonly SnippetProgram[],
): Promise<readonly string[]> {
  return Promise.all(
    programs.map(async ({ name, text }) => {
      const file = join(folder, `${name.replaceAll(/[^\w]+/g, '-')}.ts`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      return file;
    }),
  );
}

/**
 * Returns what a program says that it prints: the comments behind or below its `console.log` lines. ` ...` at the end stands for
 * the rest of the line.
 */
export function announcedLines(text: string): readonly string[] {
  return [...text.matchAll(/console\.(?:log|error)\(.*;\s*\/\/ (.*)$/gm)].map(([, line = '']) => line);
}
