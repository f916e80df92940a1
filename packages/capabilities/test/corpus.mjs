// Reads the Thing Descriptions of published packages, and prints how many are read, with warnings, or refused and why. Among them are devices of the
// W3C's test events. Needs npm, python3 with pip, and the registries.
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { readDeviceTypes } from '../dist/index.js';

/** Files that their packages have as examples of mistakes are not counted. */
const packages = [
  {
    title: 'W3C test events (domus-tdd-api)',
    fetch: fromPypi(
      'domus-tdd-api==1.0.2',
      'sha256:2557b6814055eecd3187038db2609c4eada8480180fef728063577ca407912fd',
    ),
    files: 'tdd/tests/data/{td/**/*.td.jsonld,smart-*.td.jsonld,tdd-description.json}',
  },
  {
    title: 'Thing Description Playground, valid and with warnings',
    fetch: fromNpm(
      '@thing-description-playground/core@1.4.0',
      'sha512-90GbMZt6UwSgmhCHDLdyLQG18CVCXuBhpwuRwed1W4QwNi7Rr34zySZJnq+m0XTZxn3cI6Ngxk0FmE4De5qoaA==',
    ),
    files: 'package/{examples/tds/{valid,warning},tests/{protocol-detection,typo}}/*.json',
  },
  {
    title: 'Thing Description Playground, defaults',
    fetch: fromNpm(
      '@thing-description-playground/defaults@1.4.0',
      'sha512-uwnSuUC55KKSAd7LCUNfmc1bKIri9RObzTTpFevJ6XqoB9UBZZKZoNoW7dY4AtO5B8R9sU18yftkbiP9WVo2DQ==',
    ),
    files: 'package/examples/td-*.json',
  },
];

function fromNpm(name, integrity) {
  return (folder) => {
    const [packed] = JSON.parse(run('npm', ['pack', name, '--json', '--pack-destination', folder]));
    if (packed.integrity !== integrity) throw new Error(`${name} is not the package that is pinned here`);
    run('tar', ['-xzf', join(folder, basename(packed.filename)), '-C', folder]);
  };
}

function fromPypi(name, hash) {
  return (folder) => {
    writeFileSync(join(folder, 'requirements.txt'), `${name} --hash=${hash}\n`);
    const options = ['--no-deps', '--only-binary', ':all:', '--require-hashes', '--dest', folder];
    run('python3', ['-m', 'pip', 'download', '-q', ...options, '-r', join(folder, 'requirements.txt')]);
    for (const wheel of globSync(join(folder, '*.whl')))
      run('python3', ['-m', 'zipfile', '-e', wheel, folder]);
  };
}

function run(program, args) {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function readOne(file, folder) {
  const warnings = [];
  const said = (text) => text.replaceAll(`capabilities ${file}: `, '').slice(0, 200);
  try {
    readDeviceTypes(file, { onWarning: (warning) => warnings.push(said(warning)) });
    return {
      file: relative(folder, file),
      end: warnings.length === 0 ? 'read' : 'read with warnings',
      warnings,
    };
  } catch (error) {
    return { file: relative(folder, file), end: 'refused', warnings: [said(error.message)] };
  }
}

const folder = mkdtempSync(join(tmpdir(), 'thing-descriptions-'));
try {
  const seen = new Set();
  const total = { read: 0, 'read with warnings': 0, refused: 0 };
  for (const { title, fetch, files } of packages) {
    const own = mkdtempSync(join(folder, 'package-'));
    fetch(own);
    const counts = { read: 0, 'read with warnings': 0, refused: 0 };
    for (const file of globSync(join(own, files)).sort()) {
      const text = readFileSync(file, 'utf8');
      if (seen.has(text)) continue;
      seen.add(text);
      const { end, warnings, ...of } = readOne(file, own);
      counts[end] += 1;
      total[end] += 1;
      if (end !== 'read')
        console.log(
          `${end}: ${of.file}: ${warnings[0]}${warnings.length > 1 ? ` (and ${warnings.length - 1} more)` : ''}`,
        );
    }
    console.log(describe(title, counts));
  }
  console.log(describe('all', total));
} finally {
  rmSync(folder, { recursive: true });
}

function describe(title, counts) {
  const count = Object.values(counts).reduce((sum, each) => sum + each, 0);
  return `${title}: ${count} Thing Descriptions, ${Object.entries(counts)
    .map(([end, each]) => `${each} ${end}`)
    .join(', ')}`;
}
