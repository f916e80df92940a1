// Writes a software bill of materials (CycloneDX) of each published package:
//
//   node scripts/release/write-boms.mjs FOLDER

import { realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishablePackages, root, run } from '../workspace.mjs';

/** Writes one JSON file for each package of the repository into the folder. Returns the packages with the names of their files. */
export async function writeBoms(repository, folder) {
  await mkdir(folder, { recursive: true });
  const packages = await publishablePackages(repository);
  const filters = packages.flatMap(({ name }) => ['--filter', name]);
  await run(
    'pnpm',
    [
      'sbom',
      '--sbom-format',
      'cyclonedx',
      '--prod',
      '--split',
      '--out',
      resolve(folder, '%s.json'),
      ...filters,
    ],
    { cwd: repository },
  );
  return packages.map((each) => ({
    ...each,
    bom: resolve(folder, `${each.name.replace('@', '').replace('/', '-')}.json`),
  }));
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined || folder.startsWith('-')) {
    console.log('Usage: node scripts/release/write-boms.mjs FOLDER');
    process.exit(folder === '--help' ? 0 : 2);
  }
  await writeBoms(root, folder);
}
