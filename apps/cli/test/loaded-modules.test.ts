import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPusher } from './run-pusher.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pusher-loaded-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Prints the address of each module that is loaded. */
const listModules = `import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { process.stderr.write(url + '\\n'); return next(url, context); } });`;

/** Runs the command, and returns which of these packages it loaded. */
async function loadedOf(packages: readonly string[], args: readonly string[], collector?: string) {
  const environment = {
    NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(listModules)}"`,
    ...(collector !== undefined && { OTEL_EXPORTER_OTLP_ENDPOINT: collector }),
  };
  const { exitCode, stderr } = await runPusher(args, { folder, environment });
  expect(exitCode).toBe(0);
  return packages.filter((name) => stderr.includes(`/${name}/`));
}

const push = ['push', '--device', 'd1', '--type', 'on', '--protocol', 'mqtt', '--payload', '{}', '--dry-run'];
const others = [
  'yaml',
  '@opentelemetry/api',
  '@opentelemetry/sdk-node',
  'kafkajs',
  'node-rdkafka',
  're2js',
  'mqtt',
];

test('a push loads nothing that only other commands, files in YAML or telemetry need', async () => {
  expect(await loadedOf(['zod', ...others], push)).toEqual(['zod']);
});

test('with a collector of telemetry, its SDK is loaded', async () => {
  expect(await loadedOf(others, push, 'http://127.0.0.1:1')).toContain('@opentelemetry/sdk-node');
});
