import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run } from '../workspace.mjs';
import { mixedProgram } from './mixed-program.mjs';
import { npmVariables } from './registry.mjs';

const nodeTypes = '@types/node@24';

/** Packages that implement contracts. Packages that use them have the other version. */
const implementations = [
  '@preservarium/backend-kafkajs',
  '@preservarium/backend-memory',
  '@preservarium/deliverer-http',
  '@preservarium/command-store-sqlite',
  '@preservarium/capabilities',
];
const users = [
  '@preservarium/backend',
  '@preservarium/publisher',
  '@preservarium/connector',
  '@preservarium/command-store',
  '@preservarium/tracking',
  '@preservarium/settings',
  '@preservarium/telemetry',
  '@preservarium/core',
];

/**
 * Throws where two versions do not compile or run together: users of the first with implementations of the second, and the
 * other way round. npm installs copies of the packages that both need.
 */
export async function checkMixedVersions({ folder, registry, first, second, brokers }) {
  const home = join(folder, 'mixed');
  await mkdir(home);
  const env = await npmVariables(home, registry);
  for (const [name, ofUsers, ofImplementations] of [
    ['old-users', first, second],
    ['old-implementations', second, first],
  ]) {
    const project = join(home, name);
    await mkdir(project);
    await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const wanted = [...specs(users, ofUsers), ...specs(implementations, ofImplementations)];
    await run('npm', ['install', ...wanted, nodeTypes], { cwd: project, env });
    await requireChangelogs(project);
    await writeFile(join(project, 'mixed.ts'), mixedProgram);
    await run(
      join(root, 'node_modules', '.bin', 'tsc'),
      ['--module', 'NodeNext', '--target', 'ES2023', '--strict', '--types', 'node', 'mixed.ts'],
      { cwd: project },
    );
    const printed = await run('node', ['mixed.js', brokers, name], { cwd: project });
    console.log(`${wanted.join(', ')} work together: ${printed.trim().replaceAll('\n', '; ')}`);
  }
}

/** Their users read there what to do when upgrading. */
async function requireChangelogs(project) {
  const scope = join(project, 'node_modules', '@preservarium');
  for (const name of await readdir(scope)) await access(join(scope, name, 'CHANGELOG.md'));
}

function specs(names, packages) {
  return names.map((name) => {
    const { manifest } = packages.find((each) => each.name === name);
    return `${name}@${manifest.version}`;
  });
}
