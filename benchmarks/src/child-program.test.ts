import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChildProgram } from './child-program.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'preservarium-child-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(script: string) {
  const file = join(folder, 'contestant-program.mjs');
  await writeFile(file, script);
  return startChildProgram(pathToFileURL(file), {});
}

test('a program that fails while it is asked: its exit code and the last lines that it printed', async () => {
  await using program = await start(`
    process.on('message', () => {
      for (let line = 1; line <= 12; line++) console.error('line ' + line);
      process.exitCode = 3;
      process.disconnect();
    });`);
  await expect(program.ask('anything', { timeoutMs: 10_000 })).rejects.toThrow(
    expect.objectContaining({
      code: 'BACKEND_UNAVAILABLE',
      message: expect.stringMatching(
        /^contestant-program.mjs ended with 3 before its end was requested\nline 3\n[\s\S]*\nline 12$/,
      ),
    }),
  );
});

test('a program that fails before it is asked says so too', async () => {
  await using program = await start("throw new TypeError('no such way')");
  await expect(program.ask('anything', { timeoutMs: 10_000 })).rejects.toThrow(
    /ended with 1 before [\s\S]*TypeError: no such way/,
  );
});
