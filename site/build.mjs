// Builds the documentation site from the documents of the repository: npm run docs [-- --serve]

import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build, createServer } from 'vitepress';
import { root } from '../scripts/workspace.mjs';
import { writeApiReference } from './src/api-reference.mjs';
import { commandLineReference } from './src/command-line-reference.mjs';
import { fieldTables } from './src/field-tables.mjs';
import { pages } from './src/pages.mjs';
import { rewriteLinks } from './src/rewrite-links.mjs';

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(`Builds the documentation as a web site into site/dist. A dead link fails.

Usage: npm run docs [-- --serve]

  --serve  shows the site at http://localhost:5173 until Ctrl-C
  --help   shows this text`);
  process.exit(0);
}

const site = join(root, 'site');
const content = join(site, 'content');
await rm(content, { recursive: true, force: true });
await mkdir(join(content, 'images'), { recursive: true });

async function writePage(path, text) {
  await mkdir(dirname(join(content, path)), { recursive: true });
  await writeFile(join(content, path), text);
}

const all = pages();
const images = new Set();
for (const [from, page] of all) {
  const markdown = await readFile(join(root, from), 'utf8');
  const exists = (file) => existsSync(join(root, file));
  await writePage(
    page,
    rewriteLinks(markdown, { from, pages: all, exists, usesImage: (file) => images.add(file) }),
  );
}
for (const image of images) await cp(join(root, image), join(content, 'images', basename(image)));
await cp(join(site, 'home.md'), join(content, 'index.md'));
await writePage('reference/fields.md', fieldTables());
await writePage('reference/command-lines.md', await commandLineReference());
await writeApiReference(join(content, 'api'));

if (process.argv.includes('--serve')) {
  const server = await createServer(site);
  await server.listen();
  server.printUrls();
} else {
  await build(site);
}
