import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { publishablePackages, root, run } from '../workspace.mjs';

/** Copies what git tracks or would track, with the builds, as a repository of its own: the working tree stays as it is. */
export async function copyRepository(copy) {
  const files = (await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])).split(
    '\0',
  );
  const builds = (await publishablePackages()).map(({ folder }) =>
    join(folder.slice(root.length + 1), 'dist'),
  );
  for (const path of [...files.filter(Boolean), ...builds]) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await cp(join(root, path), join(copy, path), { recursive: true }).catch(ignoreDeleted);
  }
  const author = ['-c', 'user.name=release', '-c', 'user.email=release@localhost'];
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    [...author, 'commit', '-q', '-m', 'copy'],
  ])
    await run('git', args, { cwd: copy });
  await run('pnpm', ['install', '--frozen-lockfile', '--ignore-scripts', '--prefer-offline'], { cwd: copy });
}

function ignoreDeleted(error) {
  if (error.code !== 'ENOENT') throw error;
}
