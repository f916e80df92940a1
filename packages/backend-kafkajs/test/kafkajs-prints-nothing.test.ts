import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTestTopic, startKafka } from '@preservarium/dev-services';
import { afterAll, expect, test } from 'vitest';

const kafka = await startKafka();
afterAll(() => kafka.stop());

/** Publishes, consumes and fails, in a process of its own, which then ends by itself. */
const program = `
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
const [topic, ...brokers] = process.argv.slice(1);
const backend = createKafkajsBackend({ brokers });
const record = { topic, key: 'device-1', value: Buffer.from('on') };
const [published, unknown] = await backend.publish([record, { ...record, topic: 'no-such-topic' }], { timeoutMs: 20_000 });
const consumed = Promise.withResolvers();
const subscription = await backend.subscribe({
  topics: [topic], groupId: topic, from: 'beginning', onRecords: async ([first]) => consumed.resolve(String(first.value)),
});
console.log(published.ok, unknown.error.code, await consumed.promise);
await subscription.close({ timeoutMs: 5_000 });
await backend.close({ timeoutMs: 5_000 });
const nowhere = createKafkajsBackend({ brokers: ['127.0.0.1:1'] });
console.log(await nowhere.connect({ timeoutMs: 1_000 }).catch(({ code }) => code));
await nowhere.close({ timeoutMs: 1_000 });
`;

test('neither kafkajs nor Node prints anything, and the process ends', async () => {
  const topic = await createTestTopic(kafka.settings, { partitions: 2 });
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program, topic, ...kafka.brokers],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), timeout: 60_000 },
  );
  expect(stderr).toBe('');
  expect(stdout).toBe('true TOPIC_UNKNOWN on\nBACKEND_UNAVAILABLE\n');
});
