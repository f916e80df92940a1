import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const read = (file: string) => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly container?: string;
  readonly permissions: object;
  readonly needs?: string;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions: object;
  readonly jobs: { readonly addon: Job; readonly publish: Job };
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
  for (const { uses } of [...jobs.addon.steps, ...steps])
    if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
});

test('the compiled client of a release is linked in the image of the programs, with both versions of Node, and published', () => {
  const { jobs } = parse(read('.github/workflows/release.yml')) as Workflow;
  const [, image] = /^ARG NODE_IMAGE=(.*)$/m.exec(read('Dockerfile')) ?? [];
  expect(jobs.addon).toMatchObject({ container: image, permissions: { contents: 'read' } });
  const builds = jobs.addon.steps.filter(({ run }) => run?.includes('build-addon.mjs'));
  expect(builds).toHaveLength(2);
  expect(jobs.publish.needs).toBe('addon');
  const order = ['.ci/run', 'rm -rf packages/rdkafka-linux-x64/dist', 'pnpm publish'].map((text) =>
    jobs.publish.steps.findIndex(({ run }) => run?.includes(text)),
  );
  const downloaded = jobs.publish.steps.findIndex(({ uses }) =>
    uses?.startsWith('actions/download-artifact@'),
  );
  expect(order).not.toContain(-1);
  expect([...order.slice(0, 2), downloaded, ...order.slice(2)]).toEqual(
    [...order, downloaded].toSorted((one, other) => one - other),
  );
});

test('the rehearsal of a release checks the bills of materials', () => {
  expect(read('scripts/check-release.mjs')).toMatch(/^\s*await checkBoms\(/m);
  expect(read('scripts/check.mjs')).toContain('check-release.mjs');
});

test('health is on loopback, but in the image of connectors', () => {
  expect(read('docs/configuration.md')).toMatch(/`HEALTH_HOST`.*`127\.0\.0\.1`; `0\.0\.0\.0` in the images/);
  expect(read('Dockerfile')).toMatch(/^ENV .*HEALTH_HOST=0\.0\.0\.0$/m);
});
