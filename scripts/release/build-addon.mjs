// Builds the package that has node-rdkafka compiled for this platform, from the node-rdkafka that is compiled in this clone:
//
//   node scripts/bootstrap.mjs node scripts/release/build-addon.mjs
//
// It adds a binary for the Node that runs it: a release runs it with each supported Node. Why: docs/decisions/0025-prebuilt-addon.md.

import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from '../workspace.mjs';

/** Libraries of the system that are linked in, so that users need them not, by the feature of librdkafka. */
const libraries = {
  SSL: { names: ['ssl', 'crypto'], debianPackage: 'libssl-dev' },
  ZLIB: { names: ['z'], debianPackage: 'zlib1g-dev' },
  ZSTD: { names: ['zstd'], debianPackage: 'libzstd-dev' },
};

/** Takes the place of the file of node-rdkafka that searches for the binary that was compiled. */
const librdkafka = `// Each version of the interface between Node.js and addons has a binary of its own.
module.exports = require(\`./node-v\${process.versions.modules}.node\`);
`;

/** The folder of the package for this platform; undefined where there is none. */
export function addonFolder() {
  const folder = join(root, 'packages', `rdkafka-${process.platform}-${process.arch}`);
  return existsSync(folder) ? folder : undefined;
}

/** Writes `dist` of the package for this platform. Does nothing where there is no such package. */
export async function buildAddon() {
  const folder = addonFolder();
  if (folder === undefined) return;
  const dist = join(folder, 'dist');
  const compiled = await realpath(join(root, 'packages/backend-rdkafka/node_modules/node-rdkafka'));
  const linked = await linkedLibraries(compiled);
  await cp(join(compiled, 'lib'), join(dist, 'lib'), { recursive: true });
  await writeFile(join(dist, 'librdkafka.js'), librdkafka);
  await copyLicenses(compiled, linked, join(dist, 'licenses'));
  await link(compiled, linked, join(dist, `node-v${process.versions.modules}.node`));
}

/** Returns those that this librdkafka was configured with. */
async function linkedLibraries(compiled) {
  const configuration = await readFile(join(compiled, 'deps/librdkafka/Makefile.config'), 'utf8');
  return Object.entries(libraries)
    .filter(([feature]) => new RegExp(`^WITH_${feature}=\\s*y$`, 'm').test(configuration))
    .map(([, library]) => library);
}

async function link(compiled, linked, file) {
  const objects = join(compiled, 'build/Release/obj.target/node-librdkafka/src');
  await run('g++', [
    ...['-shared', '-pthread', '-s', '-o', file],
    ...(await readdir(objects)).filter((name) => name.endsWith('.o')).map((name) => join(objects, name)),
    ...['librdkafka++.a', 'librdkafka.a'].map((name) => join(compiled, 'build/deps', name)),
    '-Wl,-Bstatic',
    ...linked.flatMap(({ names }) => names.map((name) => `-l${name}`)),
    ...['-Wl,-Bdynamic', '-lm', '-ldl', '-lpthread', '-lrt'],
    // Node.js has an OpenSSL and a zlib too, of other versions: neither sees the other's.
    ...['-Wl,-Bsymbolic', '-Wl,--exclude-libs,ALL'],
  ]);
}

async function copyLicenses(compiled, linked, folder) {
  await mkdir(folder, { recursive: true });
  await copyFile(join(compiled, 'LICENSE.txt'), join(folder, 'node-rdkafka.txt'));
  await copyFile(join(compiled, 'deps/librdkafka/LICENSES.txt'), join(folder, 'librdkafka.txt'));
  for (const { names, debianPackage } of linked)
    await copyFile(`/usr/share/doc/${debianPackage}/copyright`, join(folder, `lib${names[0]}.txt`));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildAddon();
