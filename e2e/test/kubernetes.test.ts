import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileManifests } from '../src/kubernetes/compile-manifests.js';
import { isStatefulSet, type Manifest, readKustomization } from '../src/kubernetes/manifests.js';
import { repository } from '../src/snippets/markdown-blocks.js';

const read = (path: string) => readFile(join(repository, path), 'utf8');
const { kustomization, manifests } = await readKustomization();
const statefulSets = manifests.filter(isStatefulSet);

test('the manifests fit the schemas of Kubernetes', async () => {
  expect(statefulSets.map(({ metadata }) => metadata.name)).toEqual([
    'mqtt-connector',
    'http-connector',
    'coap-connector',
    'gateway',
  ]);
  expect(await compileManifests(manifests)).toBe('');
});

test('a field that does not exist, and a value of another type, are found', async () => {
  const wrong = structuredClone(statefulSets[0]) as unknown as {
    spec: { replicas: string; template: { spec: { containers: object[] } } };
  } & Manifest;
  wrong.spec.replicas = 'two';
  wrong.spec.template.spec.containers = [{ name: 'connector', imagge: 'mqtt-connector' }];
  const found = await compileManifests([wrong]);
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
