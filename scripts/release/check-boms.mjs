import { readFile } from 'node:fs/promises';
import { writeBoms } from './write-boms.mjs';

/** Throws where the bill of materials of a package lacks one of its dependencies, or a component that has no version. */
export async function checkBoms(copy, folder) {
  const packages = await writeBoms(copy, folder);
  for (const { name, manifest, bom } of packages) {
    const { bomFormat, metadata, components = [] } = JSON.parse(await readFile(bom, 'utf8'));
    if (bomFormat !== 'CycloneDX' || !isComponent(metadata.component, name))
      throw new Error(`${bom} is no CycloneDX document of ${name}`);
    const missing = Object.keys(manifest.dependencies ?? {}).filter(
      (dependency) => !components.some((component) => isComponent(component, dependency)),
    );
    if (missing.length > 0) throw new Error(`${bom} lacks ${missing.join(', ')}`);
  }
  console.log(`bills of materials: ${packages.length}, each with all dependencies of its package`);
}

function isComponent({ purl, version }, name) {
  return version !== undefined && purl === `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
