// Writes the table of docs/states.md from the code that refuses other states; with --check, only says if it differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandEnds } from '../packages/tracking/src/command-ends.ts';
import { root } from './workspace.mjs';

const path = join(root, 'docs/states.md');
const begin = '<!-- begin of the table that scripts/generate-states.mjs writes -->\n';
const end = '<!-- end of the table -->\n';

const code = (text) => `\`${text}\``;
const row = (cells) => `| ${cells.join(' | ')} |\n`;

function table() {
  const rows = Object.entries(commandEnds).flatMap(([protocol, ofEvidence]) =>
    Object.entries(ofEvidence).map(([evidence, { ends, awaitable }]) =>
      row([protocol, code(evidence), ends, awaitable.map(code).join(', ')]),
    ),
  );
  const header = row(['protocol', 'required evidence', 'ends as', 'states to wait for']);
  return `${header}|---|---|---|---|\n${rows.join('')}`;
}

const document = readFileSync(path, 'utf8');
const [before, rest] = document.split(begin);
const after = rest?.split(end)[1];
if (after === undefined) throw new Error(`${path} lacks the lines ${begin}and ${end}`);
const generated = `${before}${begin}\n${table()}\n${end}${after}`;
if (generated === document)
  console.log('docs/states.md has the table of packages/tracking/src/command-ends.ts');
else if (process.argv.includes('--check')) {
  console.log(
    'docs/states.md differs from packages/tracking/src/command-ends.ts: run node scripts/generate-states.mjs',
  );
  process.exitCode = 1;
} else {
  writeFileSync(path, generated);
  console.log('wrote the table of docs/states.md');
}
