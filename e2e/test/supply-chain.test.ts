import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const read = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly permissions: object;
  readonly jobs: {
    readonly publish: { readonly permissions: object; readonly steps: readonly Step[] };
  };
}

test('a version is taken a day after its publication at the earliest, without exceptions', () => {
  const { minimumReleaseAge, ...settings } = parse(read('pnpm-workspace.yaml'));
  expect(minimumReleaseAge).toBeGreaterThanOrEqual(1_440);
  expect(settings).not.toHaveProperty('minimumReleaseAgeExclude');
});

test('a release is tested, has bills of materials and provenance, and no token', () => {
  const source = read('.github/workflows/release.yml');
  const { permissions, jobs } = parse(source) as Workflow;
  expect(permissions).toEqual({});
  expect(jobs.publish.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
  expect(source).not.toContain('secrets.');
  const { steps } = jobs.publish;
  const order = ['.ci/run', 'write-boms.mjs', 'publish -r --provenance'].map((text) =>
    steps.findIndex(({ run }) => run?.includes(text)),
  );
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((one, other) => one - other));
  for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
});

test('the rehearsal of a release checks the bills of materials', () => {
  expect(read('scripts/check-release.mjs')).toMatch(/^\s*await checkBoms\(/m);
  expect(read('scripts/check.mjs')).toContain('check-release.mjs');
});

test('health is on loopback, but in the image of connectors', () => {
  expect(read('docs/configuration.md')).toMatch(/`HEALTH_HOST`.*`127\.0\.0\.1`; `0\.0\.0\.0` in the images/);
  expect(read('Dockerfile')).toMatch(/^ENV .*HEALTH_HOST=0\.0\.0\.0$/m);
});
