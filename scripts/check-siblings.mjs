// Packages that do the same job in different ways have the same files: who has read one finds the way in the others.
// Unit tests may differ, and what only one of them has is named after it.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const families = ['backend', 'deliverer', 'command-store'];
/** Named as a backend, and none of Kafka's clients. */
const others = ['packages/backend-kit', 'packages/backend-memory'];

for (const family of families) {
  const siblings = globSync(`packages/${family}-*`, { cwd: root })
    .filter((folder) => !others.includes(folder))
    .map((folder) => ({
      folder,
      files: new Set(
        globSync('{src,test}/**/*.*', { cwd: join(root, folder) }).filter(isShared(folder, family)),
      ),
    }));
  const all = new Set(siblings.flatMap(({ files }) => [...files]));
  for (const { folder, files } of siblings) {
    for (const file of [...all].filter((name) => !files.has(name)).sort()) {
      console.error(`${folder}/${file} is missing: another ${family} has it`);
      process.exitCode = 1;
    }
  }
}

function isShared(folder, family) {
  const client = folder.slice(`packages/${family}-`.length);
  return (file) => !(/^src\/.*\.test\./.test(file) || file.includes(client));
}
