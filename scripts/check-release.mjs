// A release, rehearsed: in a copy of the repository the pending changesets become versions and changelogs, all packages are
// published to a registry of their own, each gets a bill of materials, and users install them from there, also without a compiler. Then an additive
// minor of every package is published, and both versions are used together.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildAddon } from './release/build-addon.mjs';
import { checkAddon } from './release/check-addon.mjs';
import { checkBoms } from './release/check-boms.mjs';
import { checkMixedVersions } from './release/check-mixed-versions.mjs';
import { checkPrograms } from './release/check-programs.mjs';
import { copyRepository } from './release/copy-repository.mjs';
import { makeAdditiveMinor, makePatch, makeVersions } from './release/make-versions.mjs';
import { publish, withRegistry } from './release/registry.mjs';
import { startServices } from './release/services.mjs';
import { buildDeclarations, withTemporaryFolder } from './workspace.mjs';

await buildDeclarations();
await buildAddon();
await withTemporaryFolder(async (folder) => {
  const copy = join(folder, 'repository');
  const starting = startServices();
  await copyRepository(copy);
  await using services = await starting;
  await withRegistry(join(folder, 'registry'), async (registry) => {
    const first = await makeVersions(copy);
    await publish(copy, registry);
    await checkBoms(copy, join(folder, 'boms'));
    await checkAddon({ folder: join(folder, 'addon'), registry, brokers: services.brokers });
    const programs = join(folder, 'programs');
    await mkdir(programs);
    await checkPrograms({ folder: programs, registry, services });
    const second = await makeAdditiveMinor(copy, first);
    await publish(copy, registry);
    await checkMixedVersions({ folder, registry, first, second, brokers: services.brokers });
    await makePatch(copy, second);
  });
});
