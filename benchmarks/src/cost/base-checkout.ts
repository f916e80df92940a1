import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** A commit in a temporary folder, with the packages and programs that the benchmark of the cost needs. */
export interface BaseCheckout extends AsyncDisposable {
  readonly folder: string;
}

const benchmarks = '@preservarium/benchmarks...';

/**
 * Checks out `commit` of the repository in `folder` in a temporary worktree, and builds it. Disposing of it removes the worktree.
 *
 * @throws Error with the output of the step that failed
 */
export async function buildBaseCheckout(folder: string, commit: string): Promise<BaseCheckout> {
  const parent = await mkdtemp(join(tmpdir(), 'preservarium-cost-'));
  const checkout = join(parent, 'base');

  async function remove(): Promise<void> {
    await rm(parent, { recursive: true, force: true });
    await run('git', ['worktree', 'prune'], folder);
  }

  try {
    await run('git', ['worktree', 'add', '--detach', checkout, commit], folder);
    // No scripts: the benchmark loads no compiled addon.
    await run(
      'pnpm',
      ['install', '--frozen-lockfile', '--ignore-scripts', '--prefer-offline', '--filter', benchmarks],
      checkout,
    );
    const turbo = join(folder, 'node_modules', '.bin', 'turbo');
    await run(turbo, ['run', 'build', `--filter=${benchmarks}`], checkout);
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder: checkout, [Symbol.asyncDispose]: remove };
}

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await exec(command, args, { cwd, maxBuffer: 2 ** 26 });
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed in ${cwd}:\n${stdout}${stderr}`, { cause });
  }
}
