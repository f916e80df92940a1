import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeLifecycleEvent } from '@preservarium/core';
import { createTestTopic, writeTopic, writeTransaction } from '@preservarium/dev-services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { letterRecord } from '../../../packages/dead-letters/test/dead-letter-records.js';
import { runPusher } from './run-pusher.js';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
const unseen = [{ partition: 0, key: 'unseen', value: Buffer.from('unseen') }];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pusher-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes an aborted transaction and begins another one: members are handed nothing from there on. */
async function endWithTransactions(topic: string): Promise<void> {
  await writeTransaction(kafka, topic, unseen, 'aborted');
  await writeTransaction(kafka, topic, unseen, 'open');
}

describe.each(['kafkajs', 'rdkafka'])(
  '%s: topics that end with an aborted and an open transaction',
  (backend) => {
    test('settings get', async () => {
      const settings = await createTestTopic(kafka, {
        partitions: 1,
        config: { 'cleanup.policy': 'compact' },
      });
      const reported = await createTestTopic(kafka, {
        partitions: 1,
        config: { 'cleanup.policy': 'compact' },
      });
      const environment = {
        PUSHER_BACKEND: backend,
        DEVICE_SETTINGS_TOPIC: settings,
        DEVICE_REPORTED_SETTINGS_TOPIC: reported,
      };
      const set = ['settings', 'set', 'd1', '{"rate":5}', '--protocol', 'coap'];
      expect(await runPusher(set, { folder, environment })).toMatchObject({ exitCode: 0, stderr: '' });
      await endWithTransactions(settings);
      await endWithTransactions(reported);
      const get = await runPusher(['settings', 'get', 'd1'], { folder, environment });
      expect(get).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('{"rate":5}') });
    });

    test('dead redrive', async () => {
      const source = await createTestTopic(kafka, { partitions: 1 });
      const dead = await createTestTopic(kafka, { partitions: 1 });
      const letter = letterRecord(dead, {
        source: { topic: source, partition: 0, offset: 0 },
        command: { supersedeKey: 'led' },
      });
      await writeTopic(kafka, source, unseen);
      await writeTopic(kafka, dead, [{ ...letter, partition: 0 }]);
      await endWithTransactions(source);
      await endWithTransactions(dead);
      const flags = ['--dead-letter-topic', dead, '--command-topic', source, '--backend', backend];
      const redrive = await runPusher(['dead', 'redrive', '0:0', '--yes', ...flags], { folder });
      expect(redrive).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('1 sent,') });
    });

    test('store rebuild', async () => {
      const events = await createTestTopic(kafka, { partitions: 1 });
      const command = { requestId: 'r1', deviceId: 'd1', commandType: 'open', protocol: 'mqtt' };
      const value = encodeLifecycleEvent({ ...command, state: 'delivered', timestamp: new Date() });
      await writeTopic(kafka, events, [{ partition: 0, key: 'd1', value }]);
      await endWithTransactions(events);
      const commands = await createTestTopic(kafka, { partitions: 1 });
      await endWithTransactions(commands);
      const store = ['--store', `sqlite:${join(folder, `${randomUUID()}.sqlite`)}`];
      const feed = ['--event-topic', events, '--command-topic', commands, '--backend', backend];
      const rebuild = await runPusher(['store', 'rebuild', '--yes', ...store, ...feed], { folder });
      expect(rebuild).toMatchObject({ exitCode: 0, stderr: '' });
      const list = await runPusher(['list', ...store], { folder });
      expect(list.stdout).toContain('r1');
    });
  },
);
