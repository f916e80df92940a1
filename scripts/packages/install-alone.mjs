import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../workspace.mjs';
import { requiredPeers } from './pack.mjs';

/**
 * Installs each package into a project of its own, `project` of the package. Dependencies on one another are taken from the tarballs.
 * Nothing is hoisted: a package that imports what it does not declare fails.
 */
export async function installAlone(packages, workspace) {
  const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const nodeTypes = packages[0].packed.devDependencies['@types/node'];
  await mkdir(workspace);
  await writeJson(join(workspace, 'package.json'), { private: true });
  await writeJson(join(workspace, 'pnpm-workspace.yaml'), {
    packages: ['*'],
    hoist: false,
    overrides: tarballs,
    allowBuilds: { protobufjs: false },
  });
  for (const each of packages) {
    each.project = join(workspace, each.name.split('/')[1]);
    await mkdir(each.project);
    await writeJson(join(each.project, 'package.json'), {
      private: true,
      dependencies: { [each.name]: tarballs[each.name], ...requiredPeers(each.packed) },
      devDependencies: { '@types/node': nodeTypes },
    });
  }
  await run('pnpm', ['install', '--prefer-offline', '--no-frozen-lockfile'], { cwd: workspace });
}

export function writeJson(file, value) {
  return writeFile(file, JSON.stringify(value, null, 2));
}
