import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import ts from 'typescript';
import { codeEntries, hasCommonJs, requiredPeers } from './pack.mjs';

/** Throws what is wrong with the tarball of a package: its metadata, its files, its types and its dependencies. */
export async function lint(each, packages) {
  const { name, tarball } = each;
  const problems = [
    ...missingMetadata(each),
    ...(await wrongDependencies(each)),
    ...(await newSyntax(each)),
    ...(await brokenLinks(each)),
    ...compiledDependencies(each, packages),
  ];
  const data = await readFile(tarball);
  const { messages, pkg } = await publint({ pack: { tarball: toArrayBuffer(data) }, strict: true });
  problems.push(...messages.map((message) => formatMessage(message, pkg)));
  if (codeEntries(each).length > 0) problems.push(...(await wrongTypes(data, each)));
  if (problems.length > 0) throw new Error(`${name}:\n${problems.map((line) => `  ${line}`).join('\n')}`);
}

function missingMetadata({ packed, files }) {
  const isProgram = packed.bin !== undefined;
  const must = {
    // A package with code of others names their licenses too.
    'a license: MIT, or MIT AND others': /^MIT( AND |$)/.test(packed.license),
    'sideEffects false, or a program': isProgram || packed.sideEffects === false,
    'engines.node >=22.18': packed.engines?.node === '>=22.18',
    'a description': packed.description !== undefined,
    'no workspace: or catalog: left': !/"(workspace|catalog):/.test(JSON.stringify(packed)),
    'README.md': files.includes('README.md'),
    LICENSE: files.includes('LICENSE'),
    // It is written when the version is: check-release looks for it in the tarball.
    'CHANGELOG.md among its files': packed.files.includes('CHANGELOG.md'),
    'no sources or tests': files.every((file) => !/(^src|\.test\.)/.test(file)),
  };
  return Object.keys(must)
    .filter((what) => !must[what])
    .map((what) => `the tarball must have: ${what}`);
}

async function wrongTypes(data, each) {
  const { problems = [] } = await checkPackage(createPackageFromTarballData(new Uint8Array(data)));
  const ignored = ['node10', ...(hasCommonJs(each) ? [] : ['node16-cjs'])];
  return problems
    .filter(({ resolutionKind }) => !ignored.includes(resolutionKind))
    .map(
      ({ kind, entrypoint = '', resolutionKind = '' }) => `types: ${kind} ${entrypoint} ${resolutionKind}`,
    );
}

/** Examples of the README and the docstrings that the oldest supported Node cannot parse. */
async function newSyntax({ folder, files }) {
  const read = files.filter((file) => file === 'README.md' || file.endsWith('.d.ts'));
  const texts = await Promise.all(
    read.map(async (file) => [file, await readFile(join(folder, file), 'utf8')]),
  );
  return texts
    .filter(([, text]) => /\b(await )?using \w+ = /.test(text))
    .map(([file]) => `${file}: Node 22.18 cannot parse "using" in an example`);
}

/** Links of the README to what is not in the tarball. A registry shows the README without the repository around it. */
async function brokenLinks({ folder, files }) {
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target);
  return links
    .filter((target) => !files.includes(target))
    .map(
      (target) => `README.md: the link to ${target} leads out of the package; name the package or the file`,
    );
}

/** Imports that are not declared; and, of a program, declared packages that are not imported: knip does not see what it bundles. */
async function wrongDependencies({ name, folder, packed, files }) {
  const code = files.filter((file) => /^dist\/.*\.c?js$/.test(file));
  const texts = await Promise.all(code.map((file) => readFile(join(folder, file), 'utf8')));
  const imported = new Set(texts.flatMap(importedPackages));
  const declared = { ...packed.dependencies, ...packed.peerDependencies };
  const unknown = [...imported].filter((dependency) => dependency !== name && !(dependency in declared));
  const unused =
    packed.bin && Object.keys(packed.dependencies).filter((dependency) => !imported.has(dependency));
  return [
    ...unknown.map((dependency) => `imports ${dependency}, which is not among its dependencies`),
    ...(unused || []).map((dependency) => `depends on ${dependency} and does not import it`),
  ];
}

function importedPackages(text) {
  const imported = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  // Files that are read are resolved: `createRequire(…).resolve('name/file')`.
  const resolved = [...text.matchAll(/\)\.resolve\("([^"]+)"\)/g)].map(([, path]) => path);
  return [...imported, ...resolved]
    .filter((path) => !/^(\.|node:)/.test(path) && !builtinModules.includes(path))
    .map((path) => path.split('/', path.startsWith('@') ? 2 : 1).join('/'));
}

/** Nothing brings node-rdkafka, which is compiled where it is installed. Packages that have it compiled come with the rdkafka backend only. */
function compiledDependencies({ name }, packages) {
  const byName = new Map(packages.map((each) => [each.name, each.packed]));
  const seen = new Set();
  const visit = (dependency) => {
    if (seen.has(dependency)) return;
    seen.add(dependency);
    const packed = byName.get(dependency);
    if (packed === undefined) return;
    const { dependencies, optionalDependencies } = packed;
    Object.keys({ ...dependencies, ...optionalDependencies, ...requiredPeers(packed) }).forEach(visit);
  };
  visit(name);
  const forbidden = name.includes('rdkafka') ? /^node-rdkafka$/ : /rdkafka/;
  return [...seen].filter((brought) => forbidden.test(brought)).map((brought) => `must not bring ${brought}`);
}

function toArrayBuffer({ buffer, byteOffset, byteLength }) {
  return buffer.slice(byteOffset, byteOffset + byteLength);
}
