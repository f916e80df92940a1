import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly image?: string;
  readonly build?: object;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly read_only?: boolean;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pinned = /^[a-z/-]+:[\w.-]+@sha256:[0-9a-f]{64}$/;
const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, Service> };

test.each(Object.entries(services))('%s has no privileges and a pinned image', (_, service) => {
  expect(service).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  if (service.build === undefined) expect(service.image).toMatch(pinned);
  else expect(service.read_only).toBe(true);
});

test('a service starts when what it needs is healthy', () => {
  const conditions = Object.values(services).flatMap(({ depends_on = {} }) => Object.values(depends_on));
  expect(conditions.map(({ condition }) => condition)).not.toContain('service_started');
});

test('the images have the Node of the toolchain, by its digest', () => {
  const [, image = ''] = /^ARG NODE_IMAGE=(\S+)$/m.exec(read('Dockerfile')) ?? [];
  const [, version = ''] = /pinnedNode = '([\d.]+)'/.exec(read('scripts/bootstrap.mjs')) ?? [];
  expect(image).toMatch(pinned);
  expect(image).toContain(`node:${version}-`);
});

test.each([
  ['another integrity', 'sha512-AAAA', /pnpm@\S+ has the integrity sha512-AAAA, and sha512-\S+ is expected/],
  ['a package that is not pinned', undefined, /other@1\.0\.0 has no integrity/],
])('the check of the toolchain refuses %s', (_, integrity, expected) => {
  const folder = mkdtempSync(join(tmpdir(), 'toolchain-'));
  const version = JSON.parse(read('package.json')).packageManager.split('@')[1];
  const packages = integrity
    ? { 'node_modules/pnpm': { version, integrity } }
    : { 'node_modules/other': { version: '1.0.0', integrity: 'sha512-AAAA' } };
  mkdirSync(join(folder, 'node_modules'));
  writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
  const check = () =>
    execFileSync(process.execPath, [join(root, 'scripts/toolchain-integrity.mjs'), folder], {
      stdio: 'pipe',
    });
  expect(check).toThrow(expected);
});
