import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startWatchdog } from '../src/kafka/watchdog.js';

const script = 'printf "%s" "$told" > "$1"';
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watchdog test '));
  file = join(folder, 'told');
});
afterEach(() => rm(folder, { recursive: true }));

test('runs its script on request, with the latest arguments', async () => {
  const watchdog = await startWatchdog(script, file);
  watchdog.tell('1 2');
  watchdog.tell('3 4');
  await watchdog.run();
  expect(await readFile(file, 'utf8')).toBe('3 4');
  watchdog.tell('too late');
  await watchdog.run();
  expect(await readFile(file, 'utf8')).toBe('3 4');
});

test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'uncaught error', 'exit'] as const)(
  'runs its script after this process ended by %s',
  async (end) => {
    const source = new URL('../src/kafka/watchdog.ts', import.meta.url).href;
    const program = `
      import { startWatchdog } from '${source}';
      const watchdog = await startWatchdog(process.env.SCRIPT, process.env.FILE);
      watchdog.tell('done');
      process.on('message', (end) => {
        if (end === 'exit') process.exit();
        throw new Error(end);
      });
      process.send('ready');`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      env: { ...process.env, SCRIPT: script, FILE: file },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    await once(parent, 'message');
    if (end === 'exit' || end === 'uncaught error') parent.send(end);
    else parent.kill(end);
    await once(parent, 'exit');
    await expect.poll(() => readFile(file, 'utf8').catch(() => ''), { timeout: 30_000 }).toBe('done');
  },
);
