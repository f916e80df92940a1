import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createTestTopic, pythonWith } from '@preservarium/dev-services';
import { expect, test } from 'vitest';
import { newFolder, startGateway } from './start-gateway.js';

const kafka = { brokers: [String(process.env.KAFKA_BOOTSTRAP_SERVERS)] };
const execute = promisify(execFile);

test('generated requests get the answers that docs/openapi.json says', { timeout: 600_000 }, async () => {
  const topic = await createTestTopic(kafka, { partitions: 3 });
  const [python, { url }] = await Promise.all([
    pythonWith('schemathesis==4.32.4'),
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
  const running = execute(python, [join(dirname(python), 'st'), ...arguments_], {
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
