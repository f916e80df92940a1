import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** The commit to compare with, or why there is none. */
export type BaseCommit =
  | { readonly kind: 'commit'; readonly commit: string }
  | { readonly kind: 'none'; readonly reason: string };

/** The sources that the cost of a command depends on. */
const sources = ['packages', 'benchmarks/src', 'pnpm-lock.yaml'];
const program = 'benchmarks/src/cost/cost-program.ts';

/**
 * Returns the commit where the work of this checkout began: the merge base with `origin/main`, or the commit before this one on the main
 * branch itself and in a clone without it.
 *
 * @param folder a checkout of this repository; a clone of one commit has no base
 */
export async function findBaseCommit(folder: string): Promise<BaseCommit> {
  const head = await git(folder, ['rev-parse', '--verify', 'HEAD^{commit}']);
  if (head === undefined) return none(`${folder} is no clone of a git repository with a commit`);
  const mergeBase = await git(folder, ['merge-base', 'HEAD', 'origin/main']);
  const commit =
    mergeBase !== undefined && mergeBase !== head
      ? mergeBase
      : await git(folder, ['rev-parse', '--verify', 'HEAD~1^{commit}']);
  if (commit === undefined) {
    return none(
      `this clone has no commit before ${short(head)}; fetch one more to compare: git fetch --deepen 1`,
    );
  }
  if ((await git(folder, ['cat-file', '-e', `${commit}:${program}`])) === undefined) {
    return none(`commit ${short(commit)} has no benchmark of the cost`);
  }
  if ((await git(folder, ['diff', '--quiet', commit, '--', ...sources])) !== undefined) {
    return none(`no source differs from commit ${short(commit)}`);
  }
  return { kind: 'commit', commit };
}

function none(reason: string): BaseCommit {
  return { kind: 'none', reason };
}

function short(commit: string): string {
  return commit.slice(0, 12);
}

/** Returns the output without the last line break; `undefined` if git fails. */
async function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await exec('git', args, { cwd: folder });
    return stdout.trimEnd();
  } catch {
    return undefined;
  }
}
