import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../snippets/markdown-blocks.js';

/** The newest that Debian's Go compiles. */
const version = '3.11.3';
const folder = join(homedir(), '.cache', 'preservarium-pusher', `helm-${version}`);
const program = join(folder, 'helm');
const run = promisify(execFile);

/** Runs Helm on the chart of this repository, and compiles Helm at the first time: its module is in Go's registry. Returns what Helm prints. */
export async function helm(...args: readonly string[]): Promise<string> {
  if (!existsSync(program)) {
    const environment = { ...process.env, GOBIN: folder };
    await run('go', ['install', `helm.sh/helm/v3/cmd/helm@v${version}`], {
      env: environment,
      maxBuffer: 2 ** 26,
    });
  }
  const { stdout } = await run(program, args, { cwd: join(repository, 'ops'), maxBuffer: 2 ** 26 });
  return stdout;
}
