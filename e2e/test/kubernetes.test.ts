import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { repository } from '../src/snippets/markdown-blocks.js';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}
interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
}
interface StatefulSet extends Manifest {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [Container];
      };
    };
  };
}
interface Kustomization {
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string }[];
  readonly configMapGenerator: readonly { readonly name: string; readonly literals: readonly string[] }[];
}

const folder = join(repository, 'ops/kubernetes');
const read = (path: string) => readFile(join(repository, path), 'utf8');
const kustomization: Kustomization = parse(await read('ops/kubernetes/kustomization.yaml'));
const files = await Promise.all(kustomization.resources.map((file) => readFile(join(folder, file), 'utf8')));
const manifests = files.flatMap((text) =>
  parseAllDocuments(text).map((document) => document.toJS() as Manifest),
);
const statefulSets = manifests.filter((manifest): manifest is StatefulSet => manifest.kind === 'StatefulSet');

/** Compiles the manifests as values of the types of Kubernetes' own schemas: the compiler refuses fields that do not exist, too. */
async function compile(checked: readonly Manifest[]): Promise<string> {
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

test('the manifests fit the schemas of Kubernetes', async () => {
  expect(statefulSets.map(({ metadata }) => metadata.name)).toEqual([
    'mqtt-connector',
    'http-connector',
    'coap-connector',
    'gateway',
  ]);
  expect(await compile(manifests)).toBe('');
});

test('a field that does not exist, and a value of another type, are found', async () => {
  const wrong = structuredClone(statefulSets[0]) as unknown as {
    spec: { replicas: string; template: { spec: { containers: object[] } } };
  } & Manifest;
  wrong.spec.replicas = 'two';
  wrong.spec.template.spec.containers = [{ name: 'connector', imagge: 'mqtt-connector' }];
  const found = await compile([wrong]);
  expect(found).toContain("Type 'string' is not assignable to type 'number'");
  expect(found).toContain('imagge');
});

test('each image is a target of the Dockerfile that the kustomization names', async () => {
  const targets = [...(await read('Dockerfile')).matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name]) => name);
  const images = statefulSets.map(({ spec }) => spec.template.spec.containers[0].image);
  expect(targets).toEqual(expect.arrayContaining(images));
  expect(kustomization.images.map(({ name }) => name)).toEqual(images);
});

test('each variable is documented, and each map of variables exists', async () => {
  const documented = await read('docs/configuration.md');
  const maps = new Map(kustomization.configMapGenerator.map(({ name, literals }) => [name, literals]));
  for (const { spec } of statefulSets) {
    const [{ env, envFrom }] = spec.template.spec.containers;
    const literals = envFrom.flatMap(
      ({ configMapRef }) => maps.get(configMapRef.name) ?? [configMapRef.name],
    );
    const names = [...env.map(({ name }) => name), ...literals.map((literal) => literal.replace(/=.*/, ''))];
    for (const name of names) expect(documented).toContain(`\`${name}\``);
  }
});

test('pods have longer to end than their programs take', async () => {
  const found = (await read('docs/configuration.md')).matchAll(
    /^\| `\w+_SHUTDOWN_TIMEOUT_MS` .*\| `(\d+)` \|/gm,
  );
  const longestMs = [...found].map(([, defaultMs]) => Number(defaultMs));
  expect(longestMs).toHaveLength(2);
  for (const { spec } of statefulSets)
    expect(spec.template.spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(Math.max(...longestMs));
});
