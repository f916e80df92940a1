import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { decodeCommand, encodeLifecycleEvent } from '@preservarium/core';
import { createTestTopic, findJava, kafkaJars } from '@preservarium/dev-services';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { newFolder, type RunningGateway, startGateway } from './start-gateway.js';

const brokers = [String(process.env.KAFKA_BOOTSTRAP_SERVERS)];
const examples = join(import.meta.dirname, '../../../examples');
const timeoutMs = 30_000;

/** A connector whose devices execute every command. */
async function serveDevices(topic: string): Promise<void> {
  const backend = createKafkajsBackend({ brokers });
  onTestFinished(() => backend.close({ timeoutMs }));
  await backend.subscribe({
    topics: [topic],
    groupId: `${topic}-connector`,
    from: 'beginning',
    async onRecords(records) {
      for (const { value } of records) {
        const decoded = decodeCommand(value);
        if (!decoded.ok) throw new Error(decoded.message);
        const { requestId, deviceId, commandType } = decoded.command;
        for (const [state, evidence] of [['dispatched'], ['succeeded', 'executed']] as const) {
          const event = { requestId, deviceId, commandType, state, evidence, timestamp: new Date() };
          const record = { topic: `${topic}-events`, key: deviceId, value: encodeLifecycleEvent(event) };
          await backend.publish([record], { timeoutMs });
        }
      }
    },
  });
}

async function run(
  command: string,
  args: readonly string[],
  environment: object,
  cwd = newFolder(),
): Promise<string> {
  const { PATH = '', HOME } = process.env;
  const env = { PATH: `${PATH}${delimiter}/usr/local/go/bin`, HOME, ...environment };
  const { stdout } = await promisify(execFile)(command, args, { env, cwd, timeout: 240_000 });
  return stdout.trim();
}

let python: string;
let java: string;
let jars: string;
beforeAll(async () => {
  const folder = newFolder();
  await run('python3', ['-m', 'venv', folder], {});
  python = join(folder, 'bin', 'python');
  await run(python, ['-m', 'pip', 'install', '--quiet', 'kafka-python==3.0.12'], {});
  java = await findJava();
  jars = join(await kafkaJars(), '*');
}, 300_000);

/** Awaited by a request to the gateway, since examples over Kafka know no outcome. */
async function stateOf({ url }: RunningGateway, requestId: string): Promise<string> {
  const response = await fetch(`${url}/v1/commands/${requestId}?device=lamp-7`);
  return ((await response.json()) as { state: string }).state;
}

test('the examples of each language push commands', { timeout: 300_000 }, async () => {
  const topic = await createTestTopic({ brokers }, { partitions: 2 });
  const gateway = await startGateway({ topic });
  await serveDevices(topic);
  const http = { GATEWAY_URL: gateway.url };
  const kafka = { KAFKA_BOOTSTRAP_SERVERS: brokers.join(), DEVICE_COMMAND_TOPIC: topic };
  const [inPython, inGo, inJava, fromCurl, ...overKafka] = await Promise.all([
    run(python, [join(examples, 'python/push.py')], http),
    run('go', ['run', join(examples, 'go/push.go')], { ...http, GOFLAGS: '-mod=mod' }),
    run(java, [join(examples, 'java/Push.java')], http),
    run('curl', ['-s', '--json', command, `${gateway.url}/v1/commands?wait=succeeded&timeout=30s`], {}),
    run(python, [join(examples, 'python/push_over_kafka.py')], kafka),
    run(java, ['-cp', jars, join(examples, 'java/PushOverKafka.java')], kafka),
    run('go', ['run', 'push_over_kafka.go'], kafka, join(examples, 'go')),
  ]);
  expect(inPython).toBe('succeeded');
  expect(inGo).toBe('succeeded');
  expect(inJava).toMatch(/^200 .*"state":"succeeded"/);
  expect(JSON.parse(fromCurl)).toMatchObject({ state: 'succeeded', evidence: 'executed' });
  expect(overKafka).toHaveLength(3);
  for (const requestId of overKafka) {
    await expect.poll(() => stateOf(gateway, requestId)).toBe('succeeded');
  }
});

const command = '{"device_id":"lamp-7","command_type":"set_led","protocol":"mqtt","payload":{"on":true}}';
