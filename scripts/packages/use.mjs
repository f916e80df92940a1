import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run } from '../workspace.mjs';
import { writeJson } from './install-alone.mjs';
import { codeEntries, hasCommonJs } from './pack.mjs';

/** Throws where an entry point cannot be imported, or where `import` and `require` do not give the same names. */
export async function importFromBoth(each) {
  const { name, packed, project } = each;
  const data = Object.keys(packed.exports).filter((path) => path.endsWith('.json'));
  const script = `
    import { createRequire } from 'node:module';
    import { deepStrictEqual } from 'node:assert';
    const require = createRequire(import.meta.url);
    const names = (exported) => Object.keys(exported).filter((name) => !['default', 'module.exports'].includes(name)).sort();
    for (const entry of ${JSON.stringify(codeEntries(each))}) {
      const imported = names(await import(entry));
      if (imported.length === 0) throw new Error(entry + ' exports nothing');
      if (${hasCommonJs(each)}) deepStrictEqual(imported, names(require(entry)), entry);
    }
    for (const entry of ${JSON.stringify(data.map((path) => join(name, path)))}) {
      deepStrictEqual((await import(entry, { with: { type: 'json' } })).default, require(entry));
    }
    process.exit();`;
  await writeFile(join(project, 'import.mjs'), script);
  await run('node', ['import.mjs'], { cwd: project });
}

const oldNode = '20.19.0';
const playOldNode = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${oldNode}' } })`;

/** Throws where a package, imported by an old Node, does not give the error that says so. One process: the error is that of core. */
export async function rejectOldNode(packages) {
  const libraries = packages.filter(hasCommonJs);
  for (const { project, ...each } of libraries) {
    const lines = codeEntries(each).map((entry) => `await check(() => import('${entry}'), '${entry}');\n`);
    const script = `import { check } from '../check-old-node.mjs';\n${lines.join('')}`;
    await writeFile(join(project, 'import-old.mjs'), script);
  }
  const [{ project }] = libraries;
  const check = `export async function check(load, entry) {
    const error = await load().then(() => undefined, (reason) => reason);
    if (error?.code === 'CONFIGURATION_INVALID' && error.retryable === false && error.message.startsWith('this is Node ${oldNode}')) return;
    throw new Error(entry + ' must reject Node ${oldNode}', { cause: error });
  }`;
  await writeFile(join(project, '..', 'check-old-node.mjs'), check);
  const all = libraries.map((each) => `await import('${join(each.project, 'import-old.mjs')}');\n`);
  await writeFile(join(project, '..', 'import-old.mjs'), `${all.join('')}process.exit();\n`);
  await run('node', ['--import', playOldNode, 'import-old.mjs'], { cwd: join(project, '..') });
}

/** Throws where a program does not print its help, or does not say in one line that Node is too old. */
export async function startPrograms(packages) {
  for (const { project, packed, name } of packages) {
    for (const [bin, file] of Object.entries(packed.bin ?? {})) {
      const main = join(project, 'node_modules', name, file);
      const help = await run(join(project, 'node_modules', '.bin', bin), ['--help'], { cwd: project });
      if (!help.startsWith(`Usage: ${bin}`)) throw new Error(`${name}: --help of ${bin} printed ${help}`);
      const refusal = await run('node', ['--import', playOldNode, main, '--help']).catch(
        (error) => error.message,
      );
      const expected = `${bin}: CONFIGURATION_INVALID: this is Node ${oldNode}, and Node 22.18 or newer is needed`;
      if (!refusal.includes(`exit code 2\n${expected}`))
        throw new Error(`${name}: an old Node printed ${refusal}`);
    }
  }
}

/** Throws where the types of an entry point do not compile, from ESM or from CommonJS. One compiler serves all projects. */
export async function checkTypes(packages, workspace) {
  const files = [];
  for (const each of packages) {
    // The package of a platform has the JavaScript of others, and no types.
    if (each.packed.os !== undefined) continue;
    const text = codeEntries(each)
      .map((entry, index) => `import * as entry${index} from '${entry}';\nexport { entry${index} };\n`)
      .join('');
    if (text === '') continue;
    for (const file of ['types.mts', ...(hasCommonJs(each) ? ['types.cts'] : [])]) {
      files.push(join(each.project, file));
      await writeFile(files.at(-1), text);
    }
  }
  await writeJson(join(workspace, 'tsconfig.json'), {
    compilerOptions: {
      module: 'NodeNext',
      target: 'ES2023',
      strict: true,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(packages[0].project, 'node_modules', '@types')],
    },
    files,
  });
  await run(join(root, 'node_modules', '.bin', 'tsc'), ['--project', workspace], { cwd: workspace });
}
