import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createTestTopic, readTopic, writeTopic } from '@preservarium/dev-services';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type PusherOptions, resultOf, runPusher, startPusher } from './run-pusher.js';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
/** Nothing listens on port 1. */
const nowhere = ['--brokers', '127.0.0.1:1', '--timeout', '2s'];
const setLed = ['push', '--device', 'device123', '--type', 'set_led', '--protocol', 'mqtt'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pusher-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (args: readonly string[], options: Partial<PusherOptions> = {}) =>
  runPusher(args, { folder, ...options });
const jsonLines = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const commandLine = (deviceId: string) =>
  `${JSON.stringify({ deviceId, commandType: 'reboot', protocol: 'http' })}\n`;

/** Expects a failure: nothing on stdout, one line on stderr. */
async function expectFailure(
  args: readonly string[],
  { exitCode, line }: { readonly exitCode: number; readonly line: RegExp },
  options: Partial<PusherOptions> = {},
) {
  const result = await run(args, options);
  expect(result).toMatchObject({ exitCode, stdout: '' });
  expect(result.stderr).toMatch(line);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
}

test('a collector that is not there keeps a push for a second, and is said', async () => {
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const push = [...setLed, '--payload', '{}', '--command-topic', topic];
  const { stderr, exitCode } = await run(push, { environment });
  expect({ stderr, exitCode }).toEqual({
    stderr: expect.stringContaining('telemetry was not sent within 1000 ms'),
    exitCode: 0,
  });
});

test('--version prints the version, with --verbose also the codecs of the Kafka clients', async () => {
  const short = await run(['--version']);
  expect(short).toMatchObject({ exitCode: 0, stderr: '' });
  expect(short.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  const { stdout } = await run(['--version', '--verbose']);
  const [pusher, node, kafkajs, rdkafka] = stdout.trim().split('\n');
  expect(pusher).toBe(`pusher ${short.stdout.trim()}`);
  expect(node).toBe(`node ${process.versions.node}`);
  expect(kafkajs).toBe('kafkajs: compression none, gzip, zstd');
  expect(rdkafka).toMatch(/^rdkafka: compression none, gzip, snappy, lz4(, zstd)?$/);
});

describe('push --dry-run', () => {
  test('prints the record and needs no Kafka', async () => {
    const args = [...setLed, '--payload', '{"state":"on"}', '--topic', 'devices/123/led', '--qos', '1'];
    const more = ['--priority', '5', '--request-id', 'r1', '--metadata', '{"room":7}', '--retain'];
    const supersede = ['--supersede-key', 'led', '--evidence', 'executed', '--answer-within', '5s'];
    const result = await run([...args, ...more, ...supersede, ...nowhere, '--dry-run']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toStrictEqual({
      topic: 'device_commands',
      key: 'device123',
      headers: [],
      value: {
        request_id: 'r1',
        timestamp: expect.any(String),
        device_id: 'device123',
        command_type: 'set_led',
        payload: { state: 'on' },
        protocol: 'mqtt',
        metadata: { room: 7, topic: 'devices/123/led', qos: 1, retain: true },
        priority: 5,
        expires_at: null,
        supersede_key: 'led',
        required_evidence: 'executed',
        answer_within_ms: 5_000,
        topic: 'devices/123/led',
        qos: 1,
        retain: true,
      },
    });
  });

  test('--expires-in counts from now', async () => {
    const { stdout } = await run([...setLed, '--payload', '{}', '--expires-in', '30s', '--dry-run']);
    const { timestamp, expires_at } = JSON.parse(stdout).value;
    const seconds = (Date.parse(expires_at) - Date.parse(timestamp)) / 1000;
    expect(Math.round(seconds)).toBe(30);
  });

  test('the topic is taken from the flag, then the environment, then the file of variables', async () => {
    const project = await mkdtemp(join(folder, 'project-'));
    await writeFile(join(project, '.env'), '\uFEFFexport KAFKA_COMMAND_TOPIC=from-file # comment\r\n');
    const dryRun = [...setLed, '--payload', '{}', '--dry-run'];
    const environment = { DEVICE_COMMAND_TOPIC: 'from-environment' };
    const flag = ['--command-topic', 'from-flag'];
    const topicOf = async (args: readonly string[], options: Partial<PusherOptions> = {}) =>
      JSON.parse((await run(args, { folder: project, ...options })).stdout).topic;
    const env = ['--env', '.env'];
    expect(await topicOf(dryRun)).toBe('device_commands');
    expect(await topicOf([...dryRun, ...env])).toBe('from-file');
    expect(await topicOf(dryRun, { environment: { PUSHER_ENV_FILE: '.env' } })).toBe('from-file');
    expect(await topicOf([...dryRun, ...env], { environment })).toBe('from-environment');
    expect(await topicOf([...dryRun, ...env, ...flag], { environment })).toBe('from-flag');
  });
});

describe('what is wrong in the arguments or settings', () => {
  test.each([
    [['push', '--type', 'set_led'], /^pusher: USAGE: required option '--device <id>' not specified/],
    [[...setLed, '--payload', '{state:on}'], /^pusher: USAGE: option '--payload <json>' .* It is not JSON/],
    [[...setLed, '--payload', '{}', '--expires-in', '30'], /^pusher: USAGE: .*30s, 5m, 2h or 7d/],
    [[...setLed, '--payload', '{}', '--priority', 'high'], /^pusher: USAGE: .*Give a whole number/],
    [[...setLed, '--payload', '{}', '--output', 'xml'], /^pusher: USAGE: .*Allowed choices are text, json/],
    [[...setLed, '--payload', '{}', '--colour', 'red'], /^pusher: USAGE: unknown option '--colour'/],
    [['pull'], /^pusher: USAGE: unknown command 'pull'/],
    [['cancel', '--device', 'd'], /^pusher: USAGE: required option '--request-id <id>' not specified/],
    [['watch', '--state', 'lost'], /^pusher: USAGE: .*Allowed choices are published, dispatched/],
    [['consume', '--max', '0'], /^pusher: USAGE: .*whole number from 1/],
    [['topics', 'list', '--backend', 'kafka'], /^pusher: CONFIGURATION_INVALID: PUSHER_BACKEND \(on the/],
    [['topics', 'list', '--brokers', 'kafka'], /^pusher: CONFIGURATION_INVALID: .*"kafka" is not host:port/],
    [['bulk', 'nowhere.ndjson'], /^pusher: CONFIGURATION_INVALID: cannot read nowhere.ndjson .*ENOENT/],
    [
      ['consume', '--env', 'nowhere.env'],
      /^pusher: CONFIGURATION_INVALID: cannot read the file of variables/,
    ],
    [['store', 'run'], /^pusher: CONFIGURATION_INVALID: no command store is named: add --store or set/],
  ])('%j', (args, line) => expectFailure(args, { exitCode: 2, line }));
});

test('an invalid command is refused before Kafka is asked', () =>
  expectFailure([...setLed, '--payload', '{}', '--topic', 'a/#', '--path', '/x', ...nowhere], {
    exitCode: 1,
    line: /^pusher: VALIDATION_FAILED: invalid command: topic: must have no wildcards/,
  }));

test.each(['living_room/lamp', 'a+', '#'])(
  'a device id that cannot stand in a topic is refused before Kafka is asked: %s',
  (deviceId) => {
    const push = ['push', '--device', deviceId, '--type', 'set_led', '--payload', '{}', '--dry-run'];
    const line = /^pusher: VALIDATION_FAILED: invalid command: deviceId: /;
    return expectFailure([...push, '--protocol', 'mqtt'], { exitCode: 1, line });
  },
);

test('a device id with levels is taken where the templates allow it', async () => {
  const push = ['push', '--device', 'living_room/lamp', '--type', 'set_led', '--protocol', 'mqtt'];
  const environment = {
    MQTT_TOPIC_TEMPLATE: 'devices/{+deviceId}/commands',
    MQTT_SETTINGS_TOPIC_TEMPLATE: 'devices/{+deviceId}/settings',
  };
  const result = await run([...push, '--payload', '{}', '--dry-run'], { environment });
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
});

test('--help has examples for each command and the exit codes', async () => {
  for (const command of ['push', 'bulk', 'cancel', 'topics', 'consume', 'watch']) {
    const result = await run([command, '--help']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toContain(`Examples:\n  pusher ${command}`);
  }
  expect((await run(['--help'])).stdout).toContain('Exit codes:\n  0 ');
});

describe('both Kafka backends', () => {
  test('push the same record to the same partition, whichever reads it', async () => {
    const seen: unknown[] = [];
    for (const backend of ['kafkajs', 'rdkafka']) {
      const topic = await createTestTopic(kafka, { partitions: 6 });
      const common = ['--command-topic', topic, '--backend', backend];
      const command = ['--device', 'pump-ü-7', '--type', 'set_rate', '--protocol', 'coap', '--path', '/rate'];
      const rest = ['--payload', '{"litres":3}', '--request-id', 'r1', '--output', 'json'];
      const pushed = await run(['push', ...command, ...rest, ...common]);
      expect(pushed).toMatchObject({ exitCode: 0, stderr: '' });
      expect(JSON.parse(pushed.stdout)).toMatchObject({ requestId: 'r1', topic });

      for (const reader of ['kafkajs', 'rdkafka']) {
        const args = ['consume', '--from-beginning', '--max', '1', '--command-topic', topic];
        const consumed = await run([...args, '--backend', reader]);
        expect(consumed).toMatchObject({ exitCode: 0, stderr: '' });
        const record = JSON.parse(consumed.stdout);
        expect(record).toMatchObject({ topic, offset: 0, key: 'pump-ü-7' });
        record.command.timestamp = record.timestamp = record.topic = 'differs';
        seen.push(record);
      }
    }
    expect(seen[0]).toMatchObject({
      command: {
        requestId: 'r1',
        deviceId: 'pump-ü-7',
        commandType: 'set_rate',
        payload: { litres: 3 },
        protocol: 'coap',
        path: '/rate',
        metadata: { path: '/rate' },
      },
    });
    expect(seen).toEqual([seen[0], seen[0], seen[0], seen[0]]);
  });

  describe.each(['kafkajs', 'rdkafka'])('%s', (backend) => {
    const withBackend = ['--backend', backend];

    test('push prints the place of the command, also with a timeout longer than a timer takes', async () => {
      const topic = await createTestTopic(kafka, { partitions: 1 });
      const args = [...setLed, '--payload', '{}', '--request-id', 'r1', '--command-topic', topic];
      args.push('--timeout', '30d');
      const result = await run([...args, ...withBackend]);
      expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      expect(result.stdout.startsWith(`pushed r1 to ${topic}`)).toBe(true);
    });

    test('cancel puts the request where the connectors read it', async () => {
      const topic = await createTestTopic(kafka, { partitions: 1 });
      const args = ['cancel', '--device', 'device123', '--request-id', 'r1', '--waiting-topic', topic];
      const result = await run([...args, ...withBackend]);
      expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      expect(result.stdout.startsWith(`requested cancellation of r1 on ${topic}`)).toBe(true);
      const [record] = await readTopic(kafka, topic);
      expect(record).toMatchObject({
        key: Buffer.from('device123'),
        headers: [['record-type', Buffer.from('cancel')]],
      });
      expect(JSON.parse(String(record?.value))).toMatchObject({ request_id: 'r1', device_id: 'device123' });
    });

    test('topics are created and listed', async () => {
      const topic = `cli-${randomUUID()}`;
      const create = ['topics', 'create', topic, ...withBackend];
      const settings = ['--partitions', '3', '--replication', '1', '--config', 'cleanup.policy=compact'];
      expect(await run([...create, ...settings])).toEqual({
        exitCode: 0,
        stdout: `created ${topic}\n`,
        stderr: '',
      });
      const { stdout } = await run(['topics', 'list', ...withBackend]);
      expect(stdout.split('\n')).toContain(`${topic}\t3`);
      await expectFailure(create, {
        exitCode: 1,
        line: new RegExp(`^pusher: TOPIC_EXISTS: topic "${topic}" already exists`),
      });
    });

    test('a topic that does not exist', async () => {
      const unknown = { exitCode: 1, line: /^pusher: TOPIC_UNKNOWN: topic "cli-unknown" does not exist/ };
      const topic = ['--command-topic', 'cli-unknown', ...withBackend];
      await expectFailure([...setLed, '--payload', '{}', ...topic], unknown);
      await expectFailure(['consume', ...topic], unknown);
    });

    test.each([
      [[...setLed, '--payload', '{}']],
      [['cancel', '--device', 'd', '--request-id', 'r1']],
      [['bulk']],
      [['consume']],
      [['topics', 'list']],
      [['topics', 'create', 'x']],
    ])('no broker: %j', (args) =>
      expectFailure(
        [...args, ...nowhere, ...withBackend],
        { exitCode: 3, line: /^pusher: BACKEND_UNAVAILABLE: / },
        { input: commandLine('d') },
      ),
    );

    test('bulk pushes what is right and keeps what is wrong', async () => {
      const topic = await createTestTopic(kafka, { partitions: 3 });
      const rejects = join(folder, `rejects-${backend}.ndjson`);
      const tooLarge = { deviceId: 'a', commandType: 'b', protocol: 'http', payload: { x: 'x'.repeat(1e6) } };
      const lines = [
        '{"deviceId":"a","commandType":"on","protocol":"mqtt","topic":"a/b","payload":{"n":1}}',
        '{"device_id":"b","command_type":"on","protocol":"coap","payload":{"n":2}}',
        'not json',
        '',
        '{"deviceId":"c","commandType":"on"}',
        '{"device_id":"d","command_type":"on","protocol":"mqtt","payload":{},"colour":"red"}',
        JSON.stringify(tooLarge),
        '{"deviceId":"a","commandType":"off","protocol":"mqtt"}',
      ];
      const file = join(folder, `commands-${backend}.ndjson`);
      await writeFile(file, lines.join('\n'));
      const args = ['bulk', file, '--rejects', rejects, '--command-topic', topic, ...withBackend];
      expect(await run(args)).toEqual({ exitCode: 1, stdout: '3 pushed, 4 failed\n', stderr: '' });

      const rejected = jsonLines(await readFile(rejects, 'utf8')).sort((a, b) => a.line - b.line);
      expect(rejected.map(({ line, code }) => [line, code])).toEqual([
        [3, 'VALIDATION_FAILED'],
        [5, 'VALIDATION_FAILED'],
        [6, 'VALIDATION_FAILED'],
        [7, 'MESSAGE_TOO_LARGE'],
      ]);
      expect(rejected.map(({ input }) => input)).toEqual([
        'not json',
        { deviceId: 'c', commandType: 'on' },
        { device_id: 'd', command_type: 'on', protocol: 'mqtt', payload: {}, colour: 'red' },
        tooLarge,
      ]);
      expect(rejected[2].message).toBe('invalid command: colour: is not a known field');

      const commands = (await readTopic(kafka, topic)).map(({ value }) => JSON.parse(String(value)));
      const names = commands.map(({ device_id, command_type }) => `${device_id} ${command_type}`);
      expect(names.filter((name) => name.startsWith('a'))).toEqual(['a on', 'a off']);
      expect(names.sort()).toEqual(['a off', 'a on', 'b on']);
    });

    test('consume shows poison and goes on', async () => {
      const topic = await createTestTopic(kafka, { partitions: 1 });
      const good = { device_id: 'd', command_type: 'on', protocol: 'mqtt', payload: {}, metadata: {} };
      await writeTopic(kafka, topic, [
        { partition: 0, key: 'd', value: Buffer.from('[1]') },
        { partition: 0, value: Buffer.from([0xff, 0xfe]) },
        { partition: 0, key: 'd', value: null },
        { partition: 0, key: 'd', value: Buffer.from(JSON.stringify(good)) },
      ]);
      const args = ['consume', '--from-beginning', '--max', '4', '--command-topic', topic, ...withBackend];
      const result = await run(args);
      expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      expect(jsonLines(result.stdout)).toMatchObject([
        { offset: 0, key: 'd', poison: 'not-an-object', message: expect.any(String), value: '[1]' },
        { offset: 1, key: null, poison: 'invalid-utf8', value: { base64: '//4=' } },
        { offset: 2, key: 'd', poison: 'empty', value: null },
        { offset: 3, key: 'd', command: { deviceId: 'd', commandType: 'on' } },
      ]);
    });

    test('a group goes on where it ended, and takes no more than --max', async () => {
      const topic = await createTestTopic(kafka, { partitions: 1 });
      const input = ['a', 'b', 'c'].map(commandLine).join('');
      const pushed = await run(['bulk', '--command-topic', topic, ...withBackend], { input });
      expect(pushed).toEqual({ exitCode: 0, stdout: '3 pushed, 0 failed\n', stderr: '' });
      const args = ['consume', '--from-beginning', '--group', randomUUID(), '--command-topic', topic];
      const keys = async (max: string) =>
        jsonLines((await run([...args, '--max', max, ...withBackend])).stdout).map(({ key }) => key);
      expect(await keys('2')).toEqual(['a', 'b']);
      expect(await keys('1')).toEqual(['c']);
    });

    test('consume ends with Ctrl-C, and quietly when nobody reads any longer', async () => {
      const topic = await createTestTopic(kafka, { partitions: 1 });
      const args = ['consume', '--from-beginning', '--command-topic', topic, ...withBackend];
      const pushOne = () => run(['bulk', '--command-topic', topic], { input: commandLine('d') });
      await pushOne();

      const interrupted = startPusher(args, { folder });
      const result = resultOf(interrupted);
      await once(interrupted.stdout, 'data');
      interrupted.kill('SIGINT');
      expect(await result).toMatchObject({ exitCode: 130, stderr: '' });

      const unread = startPusher(args, { folder });
      const complaints = text(unread.stderr);
      // Listens before the push: the consumer may end before the program that pushes.
      const ended = once(unread, 'close');
      await once(unread.stdout, 'data');
      unread.stdout.destroy();
      await pushOne();
      expect(await ended).toEqual([0, null]);
      expect(await complaints).toBe('');
    });
  });
});

test('Ctrl-C stops bulk from reading; what it has read is pushed and counted', async () => {
  const topic = await createTestTopic(kafka, { partitions: 1 });
  const bulk = startPusher(['bulk', '--command-topic', topic], { folder });
  const result = resultOf(bulk);
  bulk.stdin.write(commandLine('a') + commandLine('b'));
  await vi.waitUntil(async () => (await readTopic(kafka, topic)).length === 2, { timeout: 30_000 });
  bulk.kill('SIGINT');
  expect(await result).toEqual({
    exitCode: 130,
    stdout: '2 pushed, 0 failed; interrupted after line 2\n',
    stderr: '',
  });
});

test('--protocol-name and PUSHER_PROTOCOLS register protocols of the application', async () => {
  const push = [
    'push',
    '--device',
    'd',
    '--type',
    'on',
    '--protocol',
    'LoRa',
    '--payload',
    '{}',
    '--dry-run',
  ];
  await expectFailure(push, { exitCode: 1, line: /"lora" is not one of mqtt, coap, http/ });
  const pushed = await run([...push, '--protocol-name', 'modbus', 'lora']);
  expect(JSON.parse(pushed.stdout).value.protocol).toBe('lora');

  const input =
    '{"deviceId":"d","commandType":"on","protocol":"lora"}\n{"device_id":"d","command_type":"on","protocol":"lora"}\n';
  const environment = { PUSHER_PROTOCOLS: 'modbus, LoRa' };
  const result = await run(['bulk', '--backend', 'memory'], { input, environment });
  expect(result).toEqual({ exitCode: 0, stdout: '2 pushed, 0 failed\n', stderr: '' });
});

test('without --rejects each line that failed is an error line on stderr', async () => {
  const input = `${commandLine('a')}nope\n${commandLine('b')}`;
  const result = await run(['bulk', '-', '--backend', 'memory'], { input });
  expect(result).toMatchObject({ exitCode: 1, stdout: '2 pushed, 1 failed\n' });
  expect(result.stderr).toMatch(/^pusher: VALIDATION_FAILED: line 2: invalid line: is not JSON: .*\n$/);
});
