import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TopicExistsError } from '@preservarium/core';
import { type Mosquitto, startMosquitto } from '@preservarium/dev-services';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backends } from '../src/backends.js';
import { readmeProgram } from '../src/readme-program.js';
import { sharedKafka } from '../src/shared-kafka.js';

const execute = promisify(execFile);
const e2e = join(import.meta.dirname, '..');

let folder: string;
let broker: Mosquitto;
beforeAll(async () => {
  broker = await startMosquitto();
  // Beside the tests, for the packages to be found.
  folder = await mkdtemp(join(e2e, '.readme-'));
  const backend = backends.kafkajs(sharedKafka());
  for (const topic of ['device_commands', 'device_settings']) {
    await backend.createTopic({ topic, partitions: 1 }).catch((error: unknown) => {
      if (!TopicExistsError.isInstance(error)) throw error;
    });
  }
  await backend.close({ timeoutMs: 10_000 });
});
afterAll(async () => {
  await broker.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the README compiles', async () => {
  await writeFile(join(folder, 'readme.ts'), await readmeProgram());
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.base.json', files: ['readme.ts'] }),
  );
  const { stdout } = await execute(process.execPath, [tsc(), '-p', folder]);
  expect(stdout).toBe('');
});

for (const [name, inFunctionName] of [
  ['kafkajs', 'Kafkajs'],
  ['rdkafka', 'Rdkafka'],
] as const) {
  test(`the README runs, with its one change through ${name}`, async () => {
    const program = (await readmeProgram())
      .replaceAll('kafkajs', name)
      .replaceAll('Kafkajs', inFunctionName)
      .replaceAll('localhost:9092', sharedKafka().brokers.join("', '"))
      .replaceAll('mqtt://localhost:1883', broker.url);
    const file = join(folder, `${name}.ts`);
    await writeFile(file, program);
    const { stdout, stderr } = await execute(process.execPath, [file], { timeout: 60_000 });
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^Kafka has \S+ in device_commands$/),
      'the connector is ready',
      '1',
      '',
    ]);
    expect(stderr).toMatch(/^VALIDATION_FAILED invalid command: topic: must have no wildcards[^\n]*\n$/);
  });
}

function tsc(): string {
  return join(e2e, 'node_modules/typescript/bin/tsc');
}
