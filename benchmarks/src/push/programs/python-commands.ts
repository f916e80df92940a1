import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../run-program.js';
import type { Contestant, Pushed } from '../contestant.js';
import { cacheFolder } from './cache-folder.js';

const requirements = ['confluent-kafka==2.16.1', 'pydantic==2.14.4'];
const script = fileURLToPath(new URL('../python/push_commands.py', import.meta.url));
const defaultInFlight = 100_000;

/**
 * Python by hand: a pydantic model, confluent-kafka and a callback for each command. Rejects with `BACKEND_UNAVAILABLE` where
 * Python is missing or cannot install them.
 */
export async function pythonCommands(inFlight?: number): Promise<Contestant> {
  const python = await installPython();
  return {
    name: inFlight === undefined ? 'python.confluentKafka' : `python.confluentKafka@${inFlight}`,
    settings: 'linger 0 up to 1,000 in flight, then 5 ms, no compression, 100,000 in flight or as named',
    writes: 'commands',
    async push(task) {
      const { stdout } = await runProgram(python, [
        script,
        JSON.stringify({ ...task, inFlight: inFlight ?? defaultInFlight }),
      ]);
      return JSON.parse(stdout) as Pushed;
    },
  };
}

/** A Python of its own with what the script needs; one whose installation was not finished is made anew. */
async function installPython(): Promise<string> {
  const folder = join(await cacheFolder(), 'python');
  const python = join(folder, 'bin', 'python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return python;
  await runProgram('python3', ['-m', 'venv', '--clear', folder]);
  await runProgram(python, ['-m', 'pip', 'install', '--quiet', ...requirements]);
  await writeFile(complete, '');
  return python;
}
