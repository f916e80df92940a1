import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encodeLifecycleEvent } from '@preservarium/core';
import { createTestTopic, type Postgres, startPostgres, writeTopic } from '@preservarium/dev-services';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharedKafka } from '../src/shared-kafka.js';

const execute = promisify(execFile);
const e2e = join(import.meta.dirname, '..');
const kafka = sharedKafka();

let folder: string;
let postgres: Postgres;
beforeAll(async () => {
  // Beside the tests, for the packages to be found.
  folder = await mkdtemp(join(e2e, '.readme-'));
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

test.each(['command-store-sqlite', 'command-store-postgres'])('the example of %s runs', async (name) => {
  const eventsTopic = await createTestTopic(kafka, { partitions: 1 });
  const event = { requestId: 'r1', deviceId: 'd1', state: 'waiting', timestamp: new Date() } as const;
  await writeTopic(kafka, eventsTopic, [{ partition: 0, key: 'd1', value: encodeLifecycleEvent(event) }]);
  const text = await readFile(join(e2e, '../packages', name, 'README.md'), 'utf8');
  const example = /^```ts\n(.*?)^```$/ms.exec(text)?.[1] ?? '';
  const program = example
    .replace('localhost:9092', kafka.brokers.join("', '"))
    .replace('postgres://pusher@localhost:5432/pusher', await postgres.createDatabase())
    .replace('{ backend, store }', `{ backend, store, eventsTopic: '${eventsTopic}' }`);
  const file = join(folder, `${name}.ts`);
  await writeFile(file, program);
  const { stdout, stderr } = await execute(process.execPath, [file], { cwd: folder, timeout: 60_000 });
  expect({ stdout, stderr }).toEqual({ stdout: '1 commands wait\n', stderr: '' });
});
