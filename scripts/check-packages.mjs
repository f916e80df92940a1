// Each package as its users get it: packed, linted, installed alone into an empty project outside the repository, imported
// there as ESM and as CommonJS, and type-checked from both. Dependencies on sibling packages are taken from their tarballs.
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishablePackages, root, run, withTemporaryFolder } from './workspace.mjs';

const packages = await publishablePackages();

await withTemporaryFolder(async (folder) => {
  for (const each of packages) Object.assign(each, await pack(each, folder));
  for (const { name, tarball, files, packed } of packages) {
    requireMetadata(name, packed, files);
    await run('publint', ['run', '--strict', tarball]);
    await run('attw', ['--profile', 'node16', tarball]);
    await withTemporaryFolder((project) => useAlone(packed, project));
  }
});

async function pack({ folder }, destination) {
  const answer = await run('pnpm', ['--silent', 'pack', '--json', '--pack-destination', destination], {
    cwd: folder,
  });
  const { filename: tarball, files } = JSON.parse(answer);
  // The manifest as packed: workspace: and catalog: are versions there.
  const packed = JSON.parse(await run('tar', ['-xzOf', tarball, 'package/package.json']));
  return { tarball, files: files.map(({ path }) => path), packed };
}

function requireMetadata(name, packed, files) {
  const must = {
    'license MIT': packed.license === 'MIT',
    'sideEffects false': packed.sideEffects === false,
    'engines.node': packed.engines?.node !== undefined,
    'a description': packed.description !== undefined,
    'no workspace: or catalog: left': !/"(workspace|catalog):/.test(JSON.stringify(packed)),
    'README.md': files.includes('README.md'),
    LICENSE: files.includes('LICENSE'),
    'no sources or tests': files.every((file) => !/(^src|\.test\.)/.test(file)),
  };
  const missing = Object.keys(must).filter((what) => !must[what]);
  if (missing.length > 0) throw new Error(`${name}: the tarball must have ${missing.join(', ')}`);
}

async function useAlone(packed, project) {
  await install(packed, project);
  const installed = await readdir(join(project, 'node_modules', '.pnpm'));
  const brought = installed.some((name) => name.startsWith('node-rdkafka@'));
  if (brought !== Boolean(explicitPeers(packed)['node-rdkafka'])) {
    throw new Error(`${packed.name}: node-rdkafka must come only with a package that needs it`);
  }
  const entries = Object.keys(packed.exports).map((path) => join(packed.name, path));
  await importFromBoth(entries, project);
  await checkTypes(
    entries.filter((entry) => !entry.endsWith('.json')),
    project,
  );
}

function explicitPeers({ peerDependencies = {}, peerDependenciesMeta = {} }) {
  return Object.fromEntries(
    Object.entries(peerDependencies).filter(([name]) => !peerDependenciesMeta[name]?.optional),
  );
}

async function install(packed, project) {
  const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  await writeJson(join(project, 'package.json'), {
    private: true,
    dependencies: { [packed.name]: tarballs[packed.name], ...explicitPeers(packed) },
    devDependencies: { '@types/node': packed.devDependencies['@types/node'] },
  });
  await writeJson(join(project, 'pnpm-workspace.yaml'), {
    overrides: tarballs,
    allowBuilds: { 'node-rdkafka': true },
  });
  await run('pnpm', ['install', '--prefer-offline'], { cwd: project });
}

async function importFromBoth(entries, project) {
  const script = `
    import { createRequire } from 'node:module';
    import { deepStrictEqual } from 'node:assert';
    const require = createRequire(import.meta.url);
    const names = (exported) => Object.keys(exported).filter((name) => !['default', 'module.exports'].includes(name)).sort();
    for (const entry of ${JSON.stringify(entries)}) {
      if (entry.endsWith('.json')) {
        const imported = await import(entry, { with: { type: 'json' } });
        deepStrictEqual(imported.default, require(entry));
      } else {
        deepStrictEqual(names(await import(entry)), names(require(entry)), entry);
        if (names(require(entry)).length === 0) throw new Error(entry + ' exports nothing');
      }
    }
    process.exit();`;
  await writeFile(join(project, 'import.mjs'), script);
  await run('node', ['import.mjs'], { cwd: project });
}

async function checkTypes(entries, project) {
  const lines = entries.map(
    (entry, index) => `import * as entry${index} from '${entry}';\nexport { entry${index} };\n`,
  );
  for (const file of ['types.mts', 'types.cts']) await writeFile(join(project, file), lines.join(''));
  await writeJson(join(project, 'tsconfig.json'), {
    compilerOptions: { module: 'NodeNext', target: 'ES2023', strict: true, noEmit: true, types: ['node'] },
    files: ['types.mts', 'types.cts'],
  });
  await run(join(root, 'node_modules', '.bin', 'tsc'), ['--project', project], { cwd: project });
}

function writeJson(file, value) {
  return writeFile(file, JSON.stringify(value, null, 2));
}
