import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTestTopic } from '@preservarium/dev-services';
import { expect, test } from 'vitest';
import { newFolder, startGateway } from './start-gateway.js';

const kafka = { brokers: [String(process.env.KAFKA_BOOTSTRAP_SERVERS)] };
const execute = promisify(execFile);

/** Makes a Python of its own with schemathesis, and resolves with its program. */
async function installSchemathesis(): Promise<string> {
  const folder = newFolder();
  await execute('python3', ['-m', 'venv', folder], { timeout: 120_000 });
  const python = join(folder, 'bin', 'python');
  await execute(python, ['-m', 'pip', 'install', '--quiet', 'schemathesis==4.32.4'], { timeout: 300_000 });
  return join(folder, 'bin', 'st');
}

test('generated requests get the answers that docs/openapi.json says', { timeout: 600_000 }, async () => {
  const topic = await createTestTopic(kafka, { partitions: 3 });
  const [schemathesis, { url }] = await Promise.all([
    installSchemathesis(),
    startGateway({
      topic,
      environment: {
        API_KEYS: 'secret',
        GATEWAY_REQUESTS_PER_SECOND: '100000',
        GATEWAY_PUSH_TIMEOUT_MS: '30000',
      },
    }),
  ]);
  const arguments_ = [
    ...['run', `${url}/openapi.json`, '--exclude-path', '/v1/events', '--no-color'],
    ...['--phases', 'examples,coverage,fuzzing', '--max-examples', '10', '--seed', '1'],
    ...['--request-timeout', '60', '--suppress-health-check', 'all', '--header', 'X-API-Key: secret'],
    // A command has rules across its fields, which a schema of each field cannot say; the key stays beside credentials that are made up; an unknown method has no route, which is 404.
    ...['--exclude-checks', 'positive_data_acceptance,ignored_auth,unsupported_method'],
  ];
  const running = execute(schemathesis, arguments_, {
    cwd: newFolder(),
    env: { ...process.env, SCHEMATHESIS_HOOKS: join(import.meta.dirname, 'schemathesis_hooks.py') },
    timeout: 300_000,
    maxBuffer: 50_000_000,
  });
  const { stdout } = await running.catch((error: { stdout?: string; message: string }) => {
    throw new Error(error.stdout || error.message);
  });
  expect(stdout).toMatch(/[1-9]\d{2,} generated/);
});
