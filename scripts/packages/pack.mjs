import { join } from 'node:path';
import { run } from '../workspace.mjs';

/** Packs a package. Returns it with `tarball`, `files` (their paths) and `packed`: the manifest, with versions for workspace: and catalog:. */
export async function pack(each, destination) {
  const answer = await run('pnpm', ['--silent', 'pack', '--json', '--pack-destination', destination], {
    cwd: each.folder,
  });
  const { filename: tarball, files } = JSON.parse(answer);
  const packed = JSON.parse(await run('tar', ['-xzOf', tarball, 'package/package.json']));
  return { ...each, tarball, files: files.map(({ path }) => path), packed };
}

/** The entry points of a package that are code, as its users import them. */
export function codeEntries({ name, packed }) {
  return Object.keys(packed.exports)
    .filter((path) => !/\.(html|json)$/.test(path))
    .map((path) => join(name, path));
}

/** Returns true if a package has entry points for `require`. Programs have none. */
export function hasCommonJs({ packed }) {
  return Object.values(packed.exports).some((conditions) => conditions.require !== undefined);
}

export function requiredPeers({ peerDependencies = {}, peerDependenciesMeta = {} }) {
  return Object.fromEntries(
    Object.entries(peerDependencies).filter(([name]) => !peerDependenciesMeta[name]?.optional),
  );
}
