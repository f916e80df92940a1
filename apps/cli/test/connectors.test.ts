import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createRdkafkaBackend } from '@preservarium/backend-rdkafka';
import { type Connector, runConnector } from '@preservarium/connector';
import type { DeliveryResult } from '@preservarium/deliverer';
import { createTestTopic } from '@preservarium/dev-services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runPusher, startPusher } from './run-pusher.js';

const brokers = process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [];
const unreachable: DeliveryResult = { kind: 'retryable', reason: 'nobody there', unreachable: true };
const clients = { kafkajs: createKafkajsBackend, rdkafka: createRdkafkaBackend };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pusher-connectors-'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (args: readonly string[]) => runPusher(args, { folder });

describe.each(['kafkajs', 'rdkafka'] as const)('%s', (client) => {
  async function createScene() {
    const commands = await createTestTopic({ brokers }, { partitions: 3 });
    const events = await createTestTopic({ brokers }, { partitions: 1 });
    const topics = { commands, waiting: `${commands}_waiting`, deadLetters: `${commands}_dead`, events };
    const kafka = ['--command-topic', commands, '--backend', client];
    const pushArgs = (protocol: string) => [
      ...['push', '--device', randomUUID(), '--type', 'on', '--protocol', protocol, '--payload', '{}'],
      ...kafka,
    ];
    const groupOf = (protocol: string) => `${commands}_${protocol}`;
    return {
      groupOf,
      start: (protocol: string): Promise<Connector> =>
        runConnector({
          backend: clients[client]({ brokers }),
          groupId: groupOf(protocol),
          topics,
          from: 'beginning',
          retry: { maxAttempts: 1, baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 },
          deliverer: {
            protocol,
            async start() {},
            async deliver() {
              return unreachable;
            },
            isReady: () => true,
            async close() {},
          },
        }),
      connectors: async (...args: readonly string[]) => {
        const result = await run(['connectors', '--waiting-topic', topics.waiting, ...kafka, ...args]);
        expect(result).toMatchObject({ exitCode: 0, stderr: '' });
        return result.stdout;
      },
      pushArgs,
      push: (protocol: string) => run(pushArgs(protocol)),
      topics,
    };
  }

  test('connectors shows groups, members, lag, what waits, and the protocols that nobody serves', async () => {
    const { start, connectors, push, groupOf } = await createScene();
    await using mqtt = await start('mqtt');
    for (const protocol of ['mqtt', 'mqtt', 'coap']) {
      expect(await push(protocol)).toMatchObject({ exitCode: 0 });
    }
    await expect.poll(() => mqtt.status().waiting, { timeout: 20_000 }).toBe(2);
    const seen = async () => {
      const { groups, unserved } = JSON.parse(await connectors('--output', 'json'));
      const members = groups.map((group: { members: { partitions: number[] }[] }) =>
        group.members.map(({ partitions }) => partitions),
      );
      return { groups, unserved, members };
    };
    const { groups, unserved, members } = await seen();
    expect(groups).toMatchObject([
      { groupId: groupOf('mqtt'), protocol: 'mqtt', unassigned: [], waiting: 2, lag: [0, 0, 0] },
    ]);
    expect(Date.parse(groups[0].oldestWaitingAt)).toBeGreaterThan(Date.now() - 60_000);
    expect(members).toEqual([[[0, 1, 2]]]);
    expect(unserved).toMatchObject([{ protocol: 'coap', commands: 1 }]);
    const lines = (await connectors()).trim().split('\n');
    expect(lines[0]).toMatch(/^GROUP +PROTOCOL +MEMBERS +PARTITIONS +LAG +WAITING +OLDEST$/);
    expect(lines[1]).toMatch(/ mqtt +1 +3 of 3 +0 +2 +\d{4}-/);
    expect(lines[2]).toMatch(/^ {2}preservarium-pusher at .* 0,1,2$/);
    expect(lines[3]).toMatch(/^no connector serves "coap": 1 command, the newest of \d{4}-/);

    await using _coap = await start('coap');
    await mqtt.close();
    await push('mqtt');
    const later = await seen();
    expect(later.groups).toMatchObject([
      { protocol: 'coap', waiting: 1 },
      { protocol: 'mqtt', waiting: 2, members: [], unassigned: [0, 1, 2] },
    ]);
    expect(later.groups[1].lag.toSorted()).toEqual([0, 0, 1]);
    expect(later.unserved).toMatchObject([{ protocol: 'mqtt', commands: 3 }]);
  });

  test('connectors says that there are none', async () => {
    const { connectors, push } = await createScene();
    expect(await connectors()).toBe('no connectors\n');
    await push('http');
    expect(await connectors()).toMatch(/^no connectors\nno connector serves "http": 1 command, /);
  });

  test('push --wait says where it looked if no connector serves the protocol, and says nothing otherwise', async () => {
    const { start, pushArgs, topics, groupOf } = await createScene();
    const waiting = (protocol: string, timeout: string) => [
      ...pushArgs(protocol),
      ...['--wait', 'delivered', '--wait-timeout', timeout],
      ...['--event-topic', topics.events, '--waiting-topic', topics.waiting],
    ];
    /** Returns the first line on stderr, which comes before the wait ends. */
    async function noteOf(protocol: string): Promise<string> {
      const push = startPusher(waiting(protocol, '5m'), { folder });
      const [note] = await once(push.stderr.setEncoding('utf8'), 'data');
      push.kill('SIGKILL');
      return note;
    }
    const expected = (protocol: string, looked: string) =>
      `pusher: no connector serves protocol "${protocol}" on topic "${topics.commands}" (${looked}): start one, or see `;
    expect(await noteOf('mqtt')).toContain(expected('mqtt', `no group reads "${topics.waiting}"`));
    const coap = await start('coap');
    expect(await noteOf('mqtt')).toContain(expected('mqtt', `${groupOf('coap')}: coap`));
    const served = await run(waiting('coap', '8s'));
    expect(served.stderr).toMatch(/^pusher: WAIT_TIMED_OUT/);
    await coap.close();
    expect(await noteOf('coap')).toContain(expected('coap', `${groupOf('coap')}: no members`));
  });
});
