import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonWith } from '@preservarium/dev-services';

const execute = promisify(execFile);
const script = join(import.meta.dirname, '../python/read_commands.py');

/** Returns each value as the model of the existing connectors reads it. */
export async function readWithPython(values: readonly Buffer[]): Promise<unknown[]> {
  const python = await pythonWith('pydantic==2.14.4');
  const running = execute(python, [script], { timeout: 60_000 });
  running.child.stdin?.end(values.map((value) => `${value}\n`).join(''));
  const { stdout } = await running;
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
