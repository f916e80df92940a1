import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishablePackages, run } from '../workspace.mjs';

/** Makes versions of the pending changesets, and returns the packages. Each of them must have a changelog for its first version. */
export async function makeVersions(copy) {
  return versions(copy, undefined, ({ manifest }) => manifest.version !== '0.0.0');
}

/**
 * Makes a minor of every package that adds to it: what implements or takes a contract may meet the version before. The
 * declarations are edited where they are built, because types are all that a compiler compares.
 */
export async function makeAdditiveMinor(copy, before) {
  const lines = before.map(({ name }) => `"${name}": minor\n`);
  await writeFile(join(copy, '.changeset', 'minor.md'), `---\n${lines.join('')}---\n\nAn addition.\n`);
  for (const [name, contracts] of Object.entries(extended)) {
    for (const file of ['index.d.ts', 'index.d.cts'])
      await extend(join(copy, 'packages', name, 'dist', file), contracts, unions[name] ?? []);
  }
  return versions(copy, before, () => true);
}

/** Makes a patch of one package. Other packages keep their versions and get no entry. */
export async function makePatch(copy, before) {
  await writeFile(
    join(copy, '.changeset', 'patch.md'),
    `---\n"@preservarium/core": patch\n---\n\nA correction.\n`,
  );
  await versions(copy, before, ({ name }) => name === '@preservarium/core');
}

/** Types that one package declares and another implements or reads. Each gets an optional member. */
const extended = {
  core: ['interface DecodeFailure', 'declare class PusherError extends Error'],
  backend: [
    'interface PublishRecord',
    'interface PublishReceipt',
    'interface PublisherBackend',
    'interface ConsumedRecord',
    'interface SubscriberBackend',
    'interface TopicAdmin',
    'interface Logger',
  ],
  deliverer: ['interface Deliverer', 'interface DeliveryContext', 'interface ConnectorPort'],
};

/** Unions that a minor may add to. Each gets one more value. */
const unions = { core: ['type PusherErrorCode'] };

async function extend(file, contracts, openUnions) {
  let text = await readFile(file, 'utf8');
  for (const union of openUnions) {
    if (!text.includes(`${union} = `)) throw new Error(`${file}: there is no "${union}" to extend`);
    text = text.replace(`${union} = `, `${union} = 'ADDED_LATER' | `);
  }
  for (const contract of contracts) {
    if (!text.includes(`${contract} {`)) throw new Error(`${file}: there is no "${contract}" to extend`);
    text = text.replace(`${contract} {`, `${contract} {\n    readonly added?: string;`);
  }
  await writeFile(file, text);
}

async function versions(copy, before, changes) {
  await run('pnpm', ['changeset', 'version'], { cwd: copy });
  const packages = await publishablePackages(copy);
  for (const each of packages) {
    const { name, manifest, folder } = each;
    const old = before?.find((other) => other.name === name)?.manifest.version ?? '0.0.0';
    if (changes(each) !== (manifest.version !== old)) {
      throw new Error(`${name}: version ${manifest.version} after ${old}; is it named in a changeset?`);
    }
    if (manifest.version !== old) await requireEntry(folder, manifest.version);
  }
  return packages;
}

async function requireEntry(folder, version) {
  const changelog = await readFile(join(folder, 'CHANGELOG.md'), 'utf8');
  const [, entry] = changelog.split(`## ${version}\n`);
  const text = entry?.split(/^## /m)[0].replace(/^#.*$/gm, '').trim();
  if (!text) throw new Error(`${folder}/CHANGELOG.md: no entry, or an empty one, for ${version}`);
}
