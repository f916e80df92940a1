import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const script = join(import.meta.dirname, '../python/read_commands.py');

/** Makes a Python of its own in the folder, with what the script needs, and resolves with its path. */
export async function installPython(folder: string): Promise<string> {
  try {
    await execute('python3', ['-m', 'venv', folder], { timeout: 120_000 });
  } catch (cause) {
    throw new Error('this test needs Python 3 with venv and pip; on Debian: apt-get install python3-venv', {
      cause,
    });
  }
  const python = join(folder, 'bin', 'python');
  await execute(python, ['-m', 'pip', 'install', '--quiet', 'pydantic==2.14.4'], { timeout: 300_000 });
  return python;
}

/** Returns each value as the model of the existing connectors reads it. */
export async function readWithPython(python: string, values: readonly Buffer[]): Promise<unknown[]> {
  const running = execute(python, [script], { timeout: 60_000 });
  running.child.stdin?.end(values.map((value) => `${value}\n`).join(''));
  const { stdout } = await running;
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
