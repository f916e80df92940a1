// Packages that do the same job in different ways have the same files, which export the same names: who has read one finds the
// way in the others. Unit tests may differ. A file or an export that only one of them has is named after its client, as
// `kafkajs-client.ts` and `RdkafkaOptions` are.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const families = ['backend', 'deliverer', 'command-store'];
/** Named like a backend, but no Kafka client. */
const others = ['packages/backend-kit', 'packages/backend-memory'];

for (const family of families) {
  const siblings = globSync(`packages/${family}-*`, { cwd: root })
    .filter((folder) => !others.includes(folder))
    .map((folder) => readSibling(folder, folder.slice(`packages/${family}-`.length)));
  const files = new Set(siblings.flatMap((sibling) => [...sibling.exportsOf.keys()]));
  for (const file of [...files].sort()) compare(family, siblings, file);
}

/** Reads what a package exports from each of its files that its siblings have too. */
function readSibling(folder, client) {
  const files = globSync('{src,test}/**/*.*', { cwd: join(root, folder) }).filter(
    (file) => !(/^src\/.*\.test\./.test(file) || file.includes(client)),
  );
  const exportsOf = new Map(
    files.map((file) => [file, exportedNames(readFileSync(join(root, folder, file), 'utf8'), client)]),
  );
  return { folder, client, exportsOf };
}

function compare(family, siblings, file) {
  const names = new Set(
    siblings.flatMap(({ client, exportsOf }) =>
      [...(exportsOf.get(file) ?? [])].filter((name) => !isOwn(name, client)),
    ),
  );
  for (const { folder, client, exportsOf } of siblings) {
    const own = exportsOf.get(file);
    if (own === undefined) {
      fail(`${folder}/${file} is missing: another ${family} has it`);
      continue;
    }
    const known = new Set([...own].map((name) => withoutClient(name, client)));
    for (const name of [...names].filter((name) => !known.has(name)).sort()) {
      fail(`${folder}/${file} does not export ${name}: another ${family} does`);
    }
  }
}

/** Returns the names without those that a file named after the client exports. */
function exportedNames(source, client) {
  const declared = source.matchAll(
    /^export (?:declare )?(?:default )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) ([\w$]+)/gm,
  );
  const exported = [...source.matchAll(/^export (?:type )?\{([^}]*)\}(?: from '([^']*)')?/gm)];
  const listed = exported.flatMap(([, names, file = '']) =>
    file.includes(client)
      ? []
      : names
          .split(',')
          .map((name) => name.trim().replace(/^type /, ''))
          .filter((name) => name !== '')
          .map((name) => name.split(' as ').at(-1)),
  );
  return new Set([...[...declared].map(([, name]) => name), ...listed]);
}

function isOwn(name, client) {
  return name.toLowerCase().includes(client);
}

/** Removes the client's name: `createKafkajsBackend` becomes `createBackend`. */
function withoutClient(name, client) {
  return name.replace(new RegExp(client, 'i'), '');
}

function fail(problem) {
  console.error(problem);
  process.exitCode = 1;
}
