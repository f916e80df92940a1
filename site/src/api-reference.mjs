// The reference of every published package, from its docstrings.
import { readdirSync, readFileSync } from 'node:fs';
import { Application } from 'typedoc';
import { root } from '../../scripts/workspace.mjs';

const manifestOf = (name) => JSON.parse(readFileSync(`${root}/packages/${name}/package.json`, 'utf8'));
const published = () => readdirSync(`${root}/packages`).filter((name) => manifestOf(name).private !== true);

/** Writes a folder of Markdown for each package into `folder`, and returns the names of the packages. */
export async function writeApiReference(folder) {
  const names = published();
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: names.map((name) => `${root}/packages/${name}/src/index.ts`),
    tsconfig: `${root}/tsconfig.json`,
    skipErrorChecking: true,
    excludeInternal: true,
    disableSources: true,
    readme: 'none',
    logLevel: 'Error',
    groupOrder: ['Functions', 'Classes', 'Interfaces', '*'],
    out: folder,
    router: 'module',
    hideBreadcrumbs: true,
    hidePageHeader: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    entryFileName: 'index',
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the packages');
  project.name = 'API reference';
  for (const module of project.children ?? []) module.name = module.name.replace(/\/src$/, '');
  await app.generateOutputs(project);
  if (app.logger.hasErrors()) throw new Error('TypeDoc found errors');
  return names;
}
