import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createSqliteCommandStore } from '@preservarium/command-store-sqlite';
import { runConnector } from '@preservarium/connector';
import type { Deliverer } from '@preservarium/deliverer';
import { createTestTopic } from '@preservarium/dev-services';
import { createPusherService } from '@preservarium/publisher';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPusher } from './run-pusher.js';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pusher-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** All devices are away. */
const nobody: Deliverer = {
  protocol: 'mqtt',
  start: async () => {},
  deliver: async () => ({ kind: 'retryable', reason: 'nobody there', unreachable: true }),
  isReady: () => true,
  close: async () => {},
};

test('forget ends what waits for the device in the ledgers of connectors, and nothing of other devices', async () => {
  const commands = await createTestTopic(kafka, { partitions: 2 });
  const topics = { commands, waiting: `${commands}-waiting`, events: `${commands}-events` };
  const backend = createKafkajsBackend(kafka);
  await using service = createPusherService({ backend, commandTopic: commands });
  await using connector = await runConnector({
    backend: createKafkajsBackend(kafka),
    deliverer: nobody,
    topics,
    groupId: commands,
    from: 'beginning',
    stateDir: join(folder, 'state'),
  });
  const push = (deviceId: string) =>
    service.pushCommand({ deviceId, commandType: 'open', protocol: 'mqtt', payload: { pin: 'secret-1234' } });
  await Promise.all(['valve-7', 'valve-7', 'pump-1'].map(push));
  await expect.poll(() => connector.status().waiting).toBe(3);

  const url = `sqlite:${join(folder, 'commands.sqlite')}`;
  await (await createSqliteCommandStore({ path: url.replace('sqlite:', '') })).close();
  const args = ['store', 'forget', 'valve-7', '--yes', '--store', url, '--command-topic', commands];
  const forget = (...flags: readonly string[]) =>
    runPusher([...args, '--waiting-topic', topics.waiting, ...flags], { folder });
  expect(await forget('--store-only')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(connector.status().waiting).toBe(3);
  const { stdout, ...rest } = await forget();
  expect(rest).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain(`requested cancellation of 2 commands of valve-7 on ${topics.waiting}\n`);
  await expect.poll(() => connector.status().waiting).toBe(1);
});

test('forget has nothing to cancel where no connector has run', async () => {
  const url = `sqlite:${join(folder, 'other.sqlite')}`;
  await (await createSqliteCommandStore({ path: url.replace('sqlite:', '') })).close();
  const args = ['store', 'forget', 'valve-7', '--yes', '--store', url, '--waiting-topic', 'no-such-topic'];
  const { stdout, ...rest } = await runPusher(args, { folder });
  expect(rest).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain('requested cancellation of 0 commands of valve-7');
});
