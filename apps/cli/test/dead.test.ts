import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PublishRecord, textHeaders } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { runConnector } from '@preservarium/connector';
import { encodeCommand, parseCommand } from '@preservarium/core';
import { redrivenRecord } from '@preservarium/dead-letters';
import type { Deliverer } from '@preservarium/deliverer';
import { createTestTopic, deleteRecords, readTopic, writeTopic } from '@preservarium/dev-services';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  commandOf,
  type GivenLetter,
  letterRecord,
} from '../../../packages/dead-letters/test/dead-letter-records.js';
import { type PusherOptions, runPusher } from './run-pusher.js';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
const writer = createKafkajsBackend(kafka);
const timeoutMs = 30_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pusher-dead-'));
});
afterAll(async () => {
  await writer.close({ timeoutMs });
  await rm(folder, { recursive: true });
});

const dead = (args: readonly string[], options: Partial<PusherOptions> = {}) =>
  runPusher(['dead', ...args], { folder, ...options });
const jsonLines = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** One after another: the order of a call holds within each device only. */
async function publish(records: readonly PublishRecord[]): Promise<void> {
  for (const record of records) {
    expect(await writer.publish([record], { timeoutMs })).toMatchObject([{ ok: true }]);
  }
}

describe.each(['kafkajs', 'rdkafka'])('%s', (backend) => {
  let source: string;
  let topic: string;
  beforeEach(async () => {
    source = await createTestTopic(kafka, { partitions: 3 });
    topic = await createTestTopic(kafka, { partitions: 2 });
  });

  const flags = () => ['--dead-letter-topic', topic, '--command-topic', source, '--backend', backend];
  const from = (partition: number, offset: number) => ({ source: { topic: source, partition, offset } });
  const bury = (partition: number, letters: readonly GivenLetter[]) =>
    publish(letters.map((letter) => ({ ...letterRecord(topic, letter), partition })));
  const list = async (...args: string[]) => {
    const result = await dead(['list', ...args, '--output', 'json', ...flags()]);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    return result.stdout === '' ? [] : jsonLines(result.stdout);
  };
  const places = async (...args: string[]) =>
    (await list(...args)).map(({ partition, offset }) => `${partition}:${offset}`);
  const redriven = async () =>
    (await readTopic(kafka, source)).map(({ partition, key, value, headers }) => [
      partition,
      String(key),
      String(value),
      headers,
    ]);

  test('list has each letter with what is known of it, the newest last', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000);
    const sent = { ...from(2, 7), diedAtMs: 3000, command: { requestId: 'r1', expiresAt } };
    await bury(0, [sent, { ...from(0, 1), reason: 'poison', message: 'no JSON', value: Buffer.from('?') }]);
    await bury(1, [{ ...from(1, 0), diedAtMs: 2500, command: { deviceId: 'e', commandType: 'reboot' } }]);
    expect(await list()).toMatchObject([
      { partition: 0, offset: 1, reason: 'poison', message: 'no JSON', deviceId: 'd' },
      { partition: 1, offset: 0, deviceId: 'e', commandType: 'reboot' },
      {
        partition: 0,
        offset: 0,
        diedAt: new Date(3000).toISOString(),
        reason: 'exhausted',
        message: 'no answer',
        attempts: 5,
        group: 'pusher_connector_mqtt',
        deviceId: 'd',
        commandType: 'set_led',
        requestId: 'r1',
        expiresAt: expiresAt.toISOString(),
        source: { topic: source, partition: 2, offset: 7 },
        sentAgain: false,
      },
    ]);
    expect(await places('--max', '2')).toEqual(['1:0', '0:0']);
    expect(await places('--reason', 'poison')).toEqual(['0:1']);
    expect(await places('--device', 'e')).toEqual(['1:0']);
    expect(await places('--type', 'set_led')).toEqual(['0:0']);
    expect(await places('--since', '2h')).toEqual([]);

    const { stdout } = await dead(['list', '--max', '1', ...flags()]);
    expect(stdout.split('\n')).toEqual([
      'PLACE  DIED                      REASON     DEVICE  TYPE     ATTEMPTS  MESSAGE',
      '0:0    1970-01-01T00:00:03.000Z  exhausted  d       set_led  5         no answer',
      '2 older ones are not shown; raise --max',
      '',
    ]);
  });

  test('other records of the topic are reported and skipped', async () => {
    await writeTopic(kafka, topic, [{ partition: 0, key: 'd', value: Buffer.from('x') }]);
    await bury(0, [from(0, 0)]);
    const result = await dead(['list', '--output', 'json', ...flags()]);
    expect(jsonLines(result.stdout)).toMatchObject([{ partition: 0, offset: 1 }]);
    expect(result).toMatchObject({
      exitCode: 0,
      stderr: `pusher: records of ${topic} that are no dead letters: 1, for example 0:0: its header record-type is missing\n`,
    });
  });

  test('letters that Kafka has deleted are not waited for', async () => {
    await bury(0, [from(0, 0)]);
    await bury(1, [from(1, 0), from(1, 1)]);
    await deleteRecords(kafka, topic, [
      { partition: 0, beforeOffset: 1 },
      { partition: 1, beforeOffset: 1 },
    ]);
    expect(await places()).toEqual(['1:1']);
  });

  test('show has the command and its headers; poison is shown as text or as bytes', async () => {
    await bury(0, [
      {
        ...from(2, 7),
        headers: [
          ['trace', Buffer.from('abc')],
          ['', Buffer.from([0xff])],
          ['none', null],
        ],
        command: { requestId: 'r1', payload: { state: 'on' } },
      },
      { ...from(0, 1), reason: 'poison', message: 'not-an-object: an array', value: Buffer.from('[1]') },
      { ...from(0, 2), reason: 'poison', message: 'invalid-utf8', value: Buffer.from([0xff, 0x41]) },
    ]);
    const command = await dead(['show', '0:0', ...flags()]);
    expect(command).toMatchObject({ exitCode: 0, stderr: '' });
    expect(command.stdout).toContain(`source        ${source}, partition 2, offset 7\n`);
    expect(command.stdout).toContain(`redrive       would go to ${source}, partition 2\n`);
    expect(command.stdout).toContain('header trace  abc\nheader        base64 /w==\nheader none   null\n');
    expect(command.stdout).toContain('  "payload": {\n    "state": "on"\n  },\n');
    expect((await dead(['show', '0:1', ...flags()])).stdout).toMatch(
      /\nvalue, 3 bytes: .* an array.*\n\[1\]\n$/,
    );
    expect((await dead(['show', '0:2', ...flags()])).stdout).toMatch(/\n00000000 {2}ff 41 +\|\.A\|\n$/);
    const json = await dead(['show', '0:2', '--output', 'json', ...flags()]);
    expect(JSON.parse(json.stdout)).toMatchObject({ reason: 'poison', value: { base64: '/0E=' } });
  });

  test('show of what is no letter', async () => {
    await bury(0, [from(0, 0)]);
    await publish([redrivenRecord({ topic, partition: 0, offset: 0 }, { key: 'd' })]);
    for (const place of ['0:1', '0:2', '7:0']) {
      expect(await dead(['show', place, ...flags()])).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: `pusher: VALIDATION_FAILED: invalid place: no dead letter at ${place} of ${topic}; \`pusher dead list\` prints the places\n`,
      });
    }
  });

  test('redrive restores a key and headers that are bytes, and refuses what the client cannot send', async () => {
    const key = Buffer.from([0xff, 0x00]);
    await bury(0, [
      { ...from(2, 0), key, headers: textHeaders({ trace: 'abc' }) },
      { ...from(2, 1), headers: [['bin', Buffer.from([0xff])]] },
      { ...from(2, 2), headers: [['none', null]] },
    ]);
    const result = await dead(['redrive', '0:0', '0:1', '0:2', '--yes', ...flags()]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(
      / 0:2 was not sent: .*headers\["none"\].* cannot send it: its value is null/,
    );
    const sent = (await readTopic(kafka, source)).map(({ key, headers }) => [key, headers]);
    const binary = [Buffer.from('d'), [['bin', Buffer.from([0xff])], ...textHeaders({ redriven: '1' })]];
    expect(sent).toEqual([
      [key, textHeaders({ trace: 'abc', redriven: '1' })],
      ...(backend === 'kafkajs' ? [binary] : []),
    ]);
    expect(/0:1 was not sent: .* its value is not UTF-8/.test(result.stderr)).toBe(backend === 'rdkafka');
  });

  test('redrive sends what can be sent, in the original order and once', async () => {
    const past = new Date(Date.now() - 60_000);
    const supersedeKey = 'led';
    const at = (seconds: number) => ({ supersedeKey, timestamp: new Date(seconds * 1000) });
    const letters: GivenLetter[] = [
      { ...from(2, 9), headers: textHeaders({ trace: 'abc', redriven: '1' }), command: { requestId: 'r9' } },
      { ...from(2, 4), reason: 'rejected', command: { requestId: 'r4' } },
      { ...from(2, 5), command: { requestId: 'r5', expiresAt: past } },
      { ...from(0, 1), command: { deviceId: 'e', requestId: 'r1', ...at(1) } },
      { ...from(0, 2), command: { deviceId: 'e', requestId: 'r2', ...at(3) } },
      { ...from(0, 3), command: { deviceId: 'e', requestId: 'r3', ...at(2) } },
      { ...from(0, 0), reason: 'poison', message: 'no JSON', value: Buffer.from('?') },
    ];
    await bury(1, letters);
    const value = (position: number) => String(encodeCommand(commandOf(letters[position] ?? {})));
    const args = ['redrive', '--device', 'd', ...flags()];

    const dryRun = await dead([...args, '--dry-run']);
    expect(dryRun).toMatchObject({ exitCode: 0, stderr: '' });
    expect(dryRun.stdout.split('\n')).toEqual([
      `1:2 d set_led: expired at ${past.toISOString()}`,
      '1:6 d: has no readable command: it would become a dead letter again',
      `1:1 d set_led: would go to ${source}, partition 2`,
      `1:0 d set_led: would go to ${source}, partition 2`,
      '2 would be sent, 1 expired, 0 superseded, 1 poison, 0 failed',
      '',
    ]);
    expect(await dead([...args, '--output', 'json'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^pusher: USAGE: 2 commands would be sent and .* add --yes/),
    });
    expect(await redriven()).toEqual([]);

    const result = await dead([...args, '--yes']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout.split('\n').slice(2)).toEqual([
      `1:1 d set_led: sent to ${source}, partition 2`,
      `1:0 d set_led: sent to ${source}, partition 2`,
      '2 sent, 1 expired, 0 superseded, 1 poison, 0 failed',
      '',
    ]);
    const ofD = [
      [2, 'd', value(1), textHeaders({ redriven: '1' })],
      [2, 'd', value(0), textHeaders({ trace: 'abc', redriven: '2' })],
    ];
    expect(await redriven()).toEqual(ofD);

    expect((await dead([...args, '--yes'])).stdout).toContain(
      '0 sent, 1 expired, 0 superseded, 1 poison, 0 failed, 2 sent before\n',
    );
    expect(await dead(['redrive', '1:0', ...flags()])).toMatchObject({
      exitCode: 0,
      stdout:
        '1:0 d set_led: was sent again before\n0 sent, 0 expired, 0 superseded, 0 poison, 0 failed, 1 sent before\n',
    });
    expect(await redriven()).toEqual(ofD);
    expect(await places()).toEqual(['1:2', '1:3', '1:4', '1:5', '1:6']);
    expect(await list('--all', '--max', '7')).toMatchObject([
      { offset: 0, sentAgain: true },
      { offset: 1, sentAgain: true },
      { offset: 2, sentAgain: false },
      ...[3, 4, 5, 6].map((offset) => ({ offset })),
    ]);

    const newest = await dead([
      'redrive',
      '--device',
      'e',
      '--reason',
      'exhausted',
      '--output',
      'json',
      ...flags(),
    ]);
    expect(newest).toMatchObject({ exitCode: 0, stderr: '' });
    expect(jsonLines(newest.stdout)).toMatchObject([
      { offset: 3, outcome: 'superseded', message: 'superseded by the dead letter 1:4, which is newer' },
      { offset: 5, outcome: 'superseded' },
      { offset: 4, outcome: 'sent', deviceId: 'e', commandType: 'set_led' },
      { summary: { sent: 1, superseded: 2, expired: 0, poison: 0, failed: 0, left: 0 } },
    ]);
    expect(await redriven()).toEqual([[0, 'e', value(4), textHeaders({ redriven: '1' })], ...ofD]);
  });

  test('redrive takes as many as it may, from the first on, and the next ones in the next run', async () => {
    await bury(
      0,
      [2, 0, 1].map((offset) => ({ ...from(0, offset), command: { requestId: `r${offset}` } })),
    );
    const run = () => dead(['redrive', '--reason', 'exhausted', '--max', '2', '--yes', ...flags()]);
    expect((await run()).stdout).toMatch(/\n2 sent, .*, 1 left for the next run\n$/);
    expect((await run()).stdout).toMatch(/\n1 sent, .*, 2 sent before\n$/);
    const requestIds = (await readTopic(kafka, source)).map(
      ({ value }) => JSON.parse(String(value)).request_id,
    );
    expect(requestIds).toEqual(['r0', 'r1', 'r2']);
  });

  test('what Kafka refuses, and what is not there, is said and not noted as sent', async () => {
    const gone = { topic: source, partition: 99, offset: 0 };
    await bury(0, [
      { source: gone, command: { requestId: 'r1' } },
      { ...from(1, 0), command: { requestId: 'r2' } },
    ]);
    const result = await dead(['redrive', '0:0', '0:1', '0:9', '--yes', '--timeout', '10s', ...flags()]);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toBe(
      `0:1 d set_led: sent to ${source}, partition 1\n1 sent, 0 expired, 0 superseded, 0 poison, 2 failed\n`,
    );
    expect(result.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^pusher: VALIDATION_FAILED: 0:9 is no dead letter/),
      expect.stringMatching(/^pusher: TOPIC_UNKNOWN: 0:0 was not sent: .* has no partition 99/),
    ]);
    expect(await places()).toEqual(['0:0']);
  });

  test('a forged dead letter goes to no other topic', async () => {
    const other = await createTestTopic(kafka, { partitions: 1 });
    await bury(0, [{ source: { topic: other, partition: 0, offset: 0 } }]);
    const result = await dead(['redrive', '0:0', ...flags()]);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toBe(
      `0:0 d set_led: is of topic "${other}", not of ${source}: name its command topic with --command-topic\n` +
        '0 sent, 0 expired, 0 superseded, 0 poison, 0 failed, 1 of other topics\n',
    );
    expect(await readTopic(kafka, other)).toEqual([]);
  });

  test('a set-point is not sent when a newer one has been pushed since', async () => {
    const command = (seconds: number, requestId: string) => ({
      command: { supersedeKey: 'led', timestamp: new Date(seconds * 1000), requestId },
    });
    const pushed = [command(1, 'r1'), command(2, 'r2')].map((given) => encodeCommand(commandOf(given)));
    await writeTopic(
      kafka,
      source,
      pushed.map((value) => ({ partition: 1, key: 'd', value })),
    );
    await bury(0, [{ ...from(1, 0), ...command(1, 'r1') }]);
    const message = `superseded by the command r2 in ${source}, which is newer`;
    expect((await dead(['show', '0:0', ...flags()])).stdout).toContain(`redrive   ${message}\n`);
    expect(await dead(['redrive', '0:0', ...flags()])).toEqual({
      exitCode: 0,
      stdout: `0:0 d set_led: ${message}\n0 sent, 0 expired, 1 superseded, 0 poison, 0 failed\n`,
      stderr: '',
    });
  });

  test.each([[['list']], [['show', '0:0']], [['redrive', '0:0']]])('no broker: %j', async (args) => {
    const nowhere = ['--brokers', '127.0.0.1:1', '--timeout', '2s', '--backend', backend];
    const result = await dead([...args, ...nowhere]);
    expect(result).toMatchObject({ exitCode: 3, stdout: '' });
    expect(result.stderr).toMatch(/^pusher: BACKEND_UNAVAILABLE: [^\n]*\n$/);
  });

  test('a topic that does not exist', async () => {
    const result = await dead(['list', '--dead-letter-topic', 'cli-unknown', '--backend', backend]);
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toMatch(/^pusher: TOPIC_UNKNOWN: topic "cli-unknown" does not exist/);
  });
});

test('a redriven dead letter reaches its device, once and not after a newer command', async () => {
  const commands = await createTestTopic(kafka, { partitions: 2 });
  const topics = {
    commands,
    // The connector creates its own topics.
    waiting: `${commands}-waiting`,
    deadLetters: `${commands}-dead`,
    events: `${commands}-events`,
  };
  const delivered: string[] = [];
  let isMended = false;
  const deliverer: Deliverer = {
    protocol: 'mqtt' as const,
    async start() {},
    isReady: () => true,
    async deliver({ requestId }) {
      if (!isMended) return { kind: 'rejected', reason: 'no such light' };
      delivered.push(requestId);
      return { kind: 'delivered', evidence: 'device' };
    },
    async close() {},
  };
  await using _connector = await runConnector({
    backend: createKafkajsBackend(kafka),
    deliverer,
    from: 'beginning',
    groupId: `group-${topics.commands}`,
    topics,
  });
  const push = (requestId: string, supersedeKey?: string) => {
    const command = {
      requestId,
      supersedeKey,
      deviceId: 'd',
      commandType: 'set_led',
      protocol: 'mqtt' as const,
    };
    return publish([{ topic: topics.commands, key: 'd', value: encodeCommand(parseCommand(command)) }]);
  };
  await push('r1');
  await push('r2', 'led');
  await push('r3');
  const buried = () => readTopic(kafka, topics.deadLetters);
  await vi.waitUntil(async () => (await buried()).length === 3, { timeout: 30_000 });
  isMended = true;
  await push('r4', 'led');
  await vi.waitUntil(() => delivered.length === 1, { timeout: 30_000 });

  const redrive = () =>
    dead([
      ...['redrive', '--reason', 'rejected', '--yes'],
      ...['--dead-letter-topic', topics.deadLetters ?? '', '--command-topic', topics.commands ?? ''],
    ]);
  const first = await redrive();
  expect(first).toMatchObject({ exitCode: 0, stderr: '' });
  expect(first.stdout).toContain(`superseded by the command r4 in ${topics.commands}, which is newer\n`);
  expect(first.stdout).toContain('\n2 sent, 0 expired, 1 superseded, 0 poison, 0 failed\n');
  expect((await redrive()).stdout).toContain(
    '\n0 sent, 0 expired, 1 superseded, 0 poison, 0 failed, 2 sent before\n',
  );
  await push('r5');
  await vi.waitUntil(() => delivered.includes('r5'), { timeout: 30_000 });
  expect(delivered).toEqual(['r4', 'r1', 'r3', 'r5']);
});

test.each([
  [
    ['redrive'],
    /^pusher: USAGE: no dead letters chosen: give PARTITION:OFFSET, --reason, --device, --type or --since/,
  ],
  [['redrive', '--max', '3'], /^pusher: USAGE: no dead letters chosen/],
  [['redrive', '3-4'], /^pusher: USAGE: .*Give PARTITION:OFFSET/],
  [['show'], /^pusher: USAGE: missing required argument 'partition:offset'/],
  [['list', '--reason', 'old'], /^pusher: USAGE: .*Allowed choices are poison, rejected, exhausted/],
])('wrong arguments: %j', async (args, line) => {
  const result = await dead(args);
  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
  expect(result.stderr).toMatch(line);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
});

test('--help has examples', async () => {
  for (const command of ['list', 'show', 'redrive']) {
    expect((await dead([command, '--help'])).stdout).toContain(`Examples:\n  pusher dead ${command}`);
  }
  expect((await dead(['--help'])).stdout).toContain('Examples:\n  pusher dead list');
});
