// Each package as its users get it: packed, linted, installed into an empty project outside the repository, imported there as ESM
// and as CommonJS, type-checked from both, and its program started. The projects are installed together, which is faster, in a
// layout where each one sees the dependencies that it declares and no others.
import { join } from 'node:path';
import { installAlone } from './packages/install-alone.mjs';
import { lint } from './packages/lint.mjs';
import { pack } from './packages/pack.mjs';
import { checkTypes, importFromBoth, rejectOldNode, startPrograms } from './packages/use.mjs';
import { buildAddon } from './release/build-addon.mjs';
import { buildDeclarations, inParallel, publishablePackages, withTemporaryFolder } from './workspace.mjs';

await buildDeclarations();
await buildAddon();
await withTemporaryFolder(async (folder) => {
  const packages = await inParallel(await publishablePackages(), (each) => pack(each, folder));
  for (const each of packages) await lint(each, packages);
  const workspace = join(folder, 'users');
  await installAlone(packages, workspace);
  await inParallel(packages, importFromBoth);
  await rejectOldNode(packages);
  await startPrograms(packages);
  await checkTypes(packages, workspace);
});
