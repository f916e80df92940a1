// The files of the repository that are pages of the site, and their paths there.
import { readdirSync } from 'node:fs';
import { root } from '../../scripts/workspace.mjs';

const hasReadme = (folder) => readdirSync(`${root}/${folder}`).includes('README.md');
const foldersOf = (group) =>
  readdirSync(`${root}/${group}`)
    .map((name) => `${group}/${name}`)
    .filter(hasReadme);
const markdownOf = (folder) => readdirSync(`${root}/${folder}`).filter((name) => name.endsWith('.md'));

/** Returns the path in the site of each Markdown file that is a page, by its path in the repository. */
export function pages() {
  const readmes = [...foldersOf('packages'), ...foldersOf('apps')];
  const entries = [
    ['README.md', 'getting-started.md'],
    ['CONTRIBUTING.md', 'contributing.md'],
    ['SECURITY.md', 'threat-model.md'],
    ...markdownOf('docs').map((name) => [`docs/${name}`, name]),
    ...markdownOf('docs/decisions').map((name) => [`docs/decisions/${name}`, `decisions/${name}`]),
    ...readmes.map((folder) => [`${folder}/README.md`, `${folder}.md`]),
  ];
  const [twice] = entries
    .map(([, path]) => path)
    .filter((path, index, paths) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new Error(`Two files are the page ${twice}`);
  return new Map(entries);
}
