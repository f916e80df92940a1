import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { renameUnlessThere } from '../kafka/rename-unless-there.js';
import { runCommand } from '../kafka/run-command.js';

/**
 * Returns the `python` of a virtual environment with these requirements, each `name==version`. It is made once for this user and each version
 * of Python. Rejects with `BACKEND_UNAVAILABLE` where Python, venv or the package index is missing.
 */
export async function pythonWith(...requirements: readonly string[]): Promise<string> {
  const version = (await runCommand('python3', ['--version'], { timeoutMs: 30_000 })).trim();
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const name = [version, ...requirements].join('-').replaceAll(/[^\w.-]+/g, '-');
  const folder = join(cache, 'preservarium-pusher', name.toLowerCase());
  if (!existsSync(folder)) await install(folder, requirements);
  return pythonOf(folder);
}

async function install(folder: string, requirements: readonly string[]): Promise<void> {
  process.stderr.write(
    `Installing ${requirements.join(' ')} from the Python package index, once, into ${folder}\n`,
  );
  await mkdir(dirname(folder), { recursive: true });
  const temporary = await mkdtemp(`${folder}-`);
  try {
    await runCommand('python3', ['-m', 'venv', temporary], { timeoutMs: 120_000 });
    await runCommand(pythonOf(temporary), ['-m', 'pip', 'install', '--quiet', ...requirements], {
      timeoutMs: 300_000,
    });
    // An environment may be moved: only its scripts name its place, and they are not used.
    await renameUnlessThere(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function pythonOf(folder: string): string {
  return join(folder, 'bin', 'python');
}
