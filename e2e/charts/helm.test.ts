import { beforeAll, expect, test } from 'vitest';
import { compileManifests } from '../src/kubernetes/compile-manifests.js';
import { helm } from '../src/kubernetes/helm.js';
import { isStatefulSet, type Manifest, manifestsOf, readKustomization } from '../src/kubernetes/manifests.js';

const { kustomization, manifests } = await readKustomization();

beforeAll(() => helm('version'), 900_000);

const render = async (...values: readonly string[]) =>
  manifestsOf(await helm('template', 'pusher', 'helm', ...values));
const nameOf = ({ kind, metadata: { name } }: Manifest) => `${kind} ${name}`;
const byName = (some: readonly Manifest[]) => Object.fromEntries(some.map((each) => [nameOf(each), each]));

test('the chart makes the manifests of the kustomization', async () => {
  const rendered = await render();
  expect(await compileManifests(rendered)).toBe('');
  const made = rendered.filter(({ kind }) => kind !== 'ConfigMap').map(withoutChecksum);
  expect(byName(made)).toEqual(byName(manifests.map(withImage)));
});

test('the chart makes the environment of the kustomization', async () => {
  const maps = (await render()).filter(({ kind }) => kind === 'ConfigMap') as unknown as readonly {
    readonly metadata: { readonly name: string };
    readonly data: Readonly<Record<string, string>>;
  }[];
  const made = maps.map(({ metadata, data }) => [
    metadata.name,
    Object.entries(data)
      .map(([name, value]) => `${name}=${value}`)
      .sort(),
  ]);
  const expected = kustomization.configMapGenerator.map(({ name, literals }) => [name, literals.toSorted()]);
  expect(Object.fromEntries(made)).toEqual(Object.fromEntries(expected));
});

test('a program without pods is left out, and another environment restarts the pods', async () => {
  const changed = [
    '--set',
    'programs.coap-connector.replicas=0',
    '--set',
    'kafka.KAFKA_BOOTSTRAP_SERVERS=other:9092',
  ];
  const [before, after] = [byName(await render()), byName(await render(...changed))];
  expect(Object.keys(before)).toContain('StatefulSet coap-connector');
  expect(Object.keys(after)).not.toContain('StatefulSet coap-connector');
  const name = 'StatefulSet mqtt-connector';
  expect(checksumOf(after[name])).not.toBe(checksumOf(before[name]));
});

/** Kustomize renames the maps of a changed environment, the chart notes their checksum. */
function withoutChecksum(manifest: Manifest): Manifest {
  if (!isStatefulSet(manifest)) return manifest;
  const copy = structuredClone(manifest);
  delete annotationsOf(copy)['checksum/environment'];
  return copy;
}

function withImage(manifest: Manifest): Manifest {
  if (!isStatefulSet(manifest)) return manifest;
  const copy = structuredClone(manifest);
  const [container] = copy.spec.template.spec.containers as unknown as [{ image: string }];
  const image = kustomization.images.find(({ name }) => name === container.image);
  container.image = `${image?.newName}:${image?.newTag}`;
  return copy;
}

function checksumOf(manifest: Manifest | undefined): string | undefined {
  return manifest && annotationsOf(manifest)['checksum/environment'];
}

function annotationsOf(manifest: Manifest): Record<string, string> {
  const { spec } = manifest as unknown as {
    spec: { template: { metadata: { annotations: Record<string, string> } } };
  };
  return spec.template.metadata.annotations;
}
