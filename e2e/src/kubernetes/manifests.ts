import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { repository } from '../snippets/markdown-blocks.js';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}
interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom: readonly { readonly configMapRef: { readonly name: string } }[];
}
export interface StatefulSet extends Manifest {
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
  readonly images: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
  readonly configMapGenerator: readonly { readonly name: string; readonly literals: readonly string[] }[];
}

const folder = join(repository, 'ops/kubernetes');

/** Returns the manifests of a YAML text. */
export function manifestsOf(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) =>
    document.contents === null ? [] : [document.toJS() as Manifest],
  );
}

/** Returns the kustomization, and the manifests that it names. */
export async function readKustomization() {
  const kustomization: Kustomization = parse(await readFile(join(folder, 'kustomization.yaml'), 'utf8'));
  const files = await Promise.all(
    kustomization.resources.map((file) => readFile(join(folder, file), 'utf8')),
  );
  return { kustomization, manifests: files.flatMap(manifestsOf) };
}

export function isStatefulSet(manifest: Manifest): manifest is StatefulSet {
  return manifest.kind === 'StatefulSet';
}
