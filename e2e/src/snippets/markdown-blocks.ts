import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const repository = join(import.meta.dirname, '../../..');

/** A fenced block of a document. */
export interface MarkdownBlock {
  /** Path of the document, from the root of the repository. */
  readonly document: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** `ts`, `sh`, `console`, …; empty where the fence names none. */
  readonly language: string;
  /** The word of a comment `<!-- snippet: compile -->` on the line before the fence; empty where there is none. */
  readonly marker: string;
  readonly text: string;
}

const fenced = /^(?:<!-- snippet: (?<marker>[\w-]+) -->\n+)?```(?<language>\w*)\n(?<text>.*?)^```$/gms;

/** Returns the paths of every README, of CONTRIBUTING.md and of docs/, from the root of the repository. */
export function documents(): readonly string[] {
  const list = [
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '*README.md',
    'CONTRIBUTING.md',
    'docs/*.md',
  ];
  return execFileSync('git', list, { cwd: repository, encoding: 'utf8' }).trim().split('\n');
}

/** Returns the fenced blocks of the documents, without those of decision records. */
export function markdownBlocks(): readonly MarkdownBlock[] {
  return documents()
    .filter((document) => !document.startsWith('docs/decisions/'))
    .flatMap(blocksOf);
}

function blocksOf(document: string): readonly MarkdownBlock[] {
  const source = readFileSync(join(repository, document), 'utf8');
  return [...source.matchAll(fenced)].map(({ 0: block, index, groups = {} }) => {
    const { marker = '', language = '', text = '' } = groups;
    const line = source.slice(0, index + block.indexOf('```')).split('\n').length;
    return { document, line, language, marker, text };
  });
}
