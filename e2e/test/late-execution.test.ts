import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** The rows of the table of late executions, with each count as whether it is above 0. */
function rowsOf(text: string): (string | boolean)[][] {
  return text
    .split('\n')
    .filter((line) => /^\| (mosquitto|aedes) /.test(line))
    .map((line) => {
      const cells = line.split('|').map((cell) => cell.trim());
      return [...cells.slice(1, 5), ...cells.slice(5, -1).map((count) => Number(count) > 0)];
    });
}

test('docs/evidence.md says where commands that have ended are executed nevertheless', async () => {
  const program = join(root, 'benchmarks/dist/main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'late-execution', '--quick']);
  const rows = rowsOf(stdout);
  expect(rows).toHaveLength(12);
  expect(rowsOf(readFileSync(join(root, 'docs/evidence.md'), 'utf8'))).toEqual(rows);
}, 120_000);
