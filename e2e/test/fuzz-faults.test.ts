import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../fuzz/dist/main.js');

// The program itself fails where another one ends, reports a mistake, or delivers to the neighbour no longer.
test('programs go on whatever comes in at any entrance', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, '--inputs', '3000', '--seed', '1'],
    {
      timeout: 880_000,
    },
  );
  expect(stdout).not.toContain('FAILED');
  expect(Number(/^(\d+) inputs, seed 1$/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(3_000);
}, 900_000);
