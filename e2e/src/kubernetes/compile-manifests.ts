import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { repository } from '../snippets/markdown-blocks.js';
import type { Manifest } from './manifests.js';

/** Compiles manifests as values of the types of Kubernetes' own schemas: the compiler refuses fields that do not exist, too. Returns its complaints. */
export async function compileManifests(checked: readonly Manifest[]): Promise<string> {
  const place = await mkdtemp(join(repository, 'e2e', '.snippets-'));
  onTestFinished(() => rm(place, { recursive: true, force: true }));
  const lines = checked.map((manifest, index) => {
    const types = `kubernetes-models/${manifest.apiVersion}`;
    return `export const manifest${index}: import('${types}').I${manifest.kind} = ${JSON.stringify(manifest)};`;
  });
  await writeFile(join(place, 'manifests.ts'), lines.join('\n'));
  const tsc = join(repository, 'node_modules/typescript-native/bin/tsc');
  const flags = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--skipLibCheck',
  ];
  const types = ['--types', 'node'];
  return promisify(execFile)(process.execPath, [tsc, ...flags, ...types, join(place, 'manifests.ts')], {
    cwd: place,
  }).then(
    ({ stdout }) => stdout,
    ({ stdout }) => stdout,
  );
}
