import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPostgresCommandStore } from '@preservarium/command-store-postgres';
import { createSqliteCommandStore } from '@preservarium/command-store-sqlite';
import { encodeLifecycleEvent, type LifecycleEvent } from '@preservarium/core';
import { createTestTopic, type Postgres, startPostgres, writeTopic } from '@preservarium/dev-services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultOf, runPusher, startPusher } from './run-pusher.js';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
const startMs = Date.now() - 3 * 3_600_000;

let folder: string;
let postgres: Postgres;
/** Without commands. */
let commands: string;
beforeAll(async () => {
  commands = await createTestTopic(kafka, { partitions: 2 });
  folder = await mkdtemp(join(tmpdir(), 'pusher-cli-'));
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

/** So many hours after three hours ago. */
const at = (hours: number) => new Date(startMs + hours * 3_600_000);
const valve = { requestId: 'r1', deviceId: 'valve-7', commandType: 'open', protocol: 'mqtt' };
const pump = { requestId: 'r2', deviceId: 'pump-1', commandType: 'fill', protocol: 'coap' };
const events: readonly LifecycleEvent[] = [
  { ...valve, state: 'dispatched', timestamp: at(0), attempt: 1 },
  { ...pump, state: 'waiting', timestamp: at(1), reason: 'away' },
  { ...valve, state: 'failed', timestamp: at(2.5), evidence: 'executed', reason: 'jammed', result: 7 },
];
const jammed = `${at(2.5).toISOString()}  valve-7  r1       open  failed   (executed)  jammed  7`;
const waiting = `${at(1).toISOString()}  pump-1   r2       fill  waiting  away`;

async function createTopic(written: readonly LifecycleEvent[] = events): Promise<string> {
  const topic = await createTestTopic(kafka, { partitions: 2 });
  await write(topic, written);
  return topic;
}

const write = (topic: string, written: readonly LifecycleEvent[]) =>
  writeTopic(
    kafka,
    topic,
    written.map((event) => ({ partition: 0, key: event.deviceId, value: encodeLifecycleEvent(event) })),
  );

const topicsOf = (eventTopic: string) => ['--event-topic', eventTopic, '--command-topic', commands];

const newSqlite = () => `sqlite:${join(folder, `${crypto.randomUUID()}.sqlite`)}`;

describe.each([
  ['sqlite', 'kafkajs', async () => newSqlite()],
  ['postgres', 'rdkafka', () => postgres.createDatabase()],
])('%s', (_, backend, createUrl) => {
  test('run fills a store until it is interrupted, and status and list ask it', async () => {
    const topic = await createTopic();
    const url = await createUrl();
    const feeding = ['store', 'run', '--store', url, ...topicsOf(topic), '--backend', backend];
    const run = startPusher(feeding, { folder });
    const result = resultOf(run);
    let printed = '';
    run.stdout.on('data', (data: Buffer) => {
      printed += data.toString();
    });
    await expect.poll(() => printed, { timeout: 40_000 }).toContain('has all 3 records');
    run.kill('SIGTERM');
    expect(await result).toMatchObject({ exitCode: 143, stderr: '' });

    // Kafka is not asked.
    const asking = {
      folder,
      environment: { COMMAND_STORE_URL: url, KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' },
    };
    expect(await runPusher(['list'], asking)).toEqual({
      exitCode: 0,
      stdout: `SINCE                     DEVICE   REQUEST  TYPE  STATE    WHY\n${waiting}\n${jammed}\n`,
      stderr: '',
    });
    const newest = await runPusher(['list', '--max', '1'], asking);
    expect(newest.stdout).toMatch(/ {2}jammed {2}7\nolder ones are not shown; raise --max\n$/);
    const { stdout } = await runPusher(['status', 'r1'], asking);
    expect(stdout.split('\n')).toEqual([
      'request   r1',
      'device    valve-7',
      'type      open',
      'protocol  mqtt',
      'state     failed  (executed)  jammed  7',
      '',
      `${at(0).toISOString()}  dispatched  attempt 1`,
      `${at(2.5).toISOString()}  failed      (executed)  jammed  7`,
      '',
    ]);
  });

  test('rebuild fills it again with what is in Kafka, and only that', async () => {
    const topic = await createTopic();
    const url = await createUrl();
    const rebuild = (from: string) =>
      runPusher(['store', 'rebuild', '--yes', '--store', url, ...topicsOf(from), '--backend', backend], {
        folder,
      });
    expect(await rebuild(topic)).toMatchObject({ exitCode: 0, stderr: '' });
    const other = await createTopic(events.slice(1, 2));
    const result = await rebuild(other);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toMatch(/ has 1 commands from 1 records\n$/);
    const unknown = await rebuild('no-such-events');
    expect(unknown).toMatchObject({ exitCode: 1, stdout: '' });
    expect(unknown.stderr).toMatch(/^pusher: TOPIC_UNKNOWN:/);
    const { stdout } = await runPusher(['list', '--store', url, '--output', 'json'], { folder });
    expect(JSON.parse(stdout)).toMatchObject({ requestId: 'r2', state: 'waiting' });

    const forget = (...flags: readonly string[]) =>
      runPusher(['store', 'forget', 'pump-1', '--store', url, ...flags], { folder });
    expect((await forget()).stderr).toContain('add --yes');
    expect(await forget('--yes')).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await runPusher(['list', '--store', url, '--output', 'json'], { folder })).stdout).toBe('');
  });
});

test('rebuild moves a damaged SQLite file aside and reads all events again; run names the command', async () => {
  const topic = await createTopic(events.slice(0, 1));
  const args = ['--store', 'sqlite:damaged.sqlite', ...topicsOf(topic)];
  const rebuild = () => runPusher(['store', 'rebuild', '--yes', ...args], { folder });
  expect(await rebuild()).toMatchObject({ exitCode: 0, stderr: '' });
  const file = join(folder, 'damaged.sqlite');
  const content = await readFile(file);
  await writeFile(file, Buffer.concat([content.subarray(0, 100), Buffer.alloc(content.length - 100, 0xff)]));
  const failed = await runPusher(['store', 'run', ...args], { folder });
  expect(failed).toMatchObject({ exitCode: 1, stdout: '' });
  expect(failed.stderr).toContain('pusher store rebuild --store sqlite:damaged.sqlite');
  const result = await rebuild();
  expect(result.exitCode).toBe(0);
  expect(result.stderr).toContain('damaged.sqlite is damaged and was moved to damaged.sqlite.damaged-');
  expect(result.stdout).toMatch(/ has 1 commands from 1 records\n$/);
});

test('run outlives a PostgreSQL that goes away and comes back', async () => {
  await using server = await startPostgres({ isolated: true });
  const topic = await createTopic(events.slice(0, 1));
  const url = await server.createDatabase();
  const run = startPusher(['store', 'run', '--store', url, ...topicsOf(topic)], { folder });
  const result = resultOf(run);
  let printed = '';
  let logged = '';
  run.stdout.on('data', (data: Buffer) => {
    printed += data.toString();
  });
  run.stderr.on('data', (data: Buffer) => {
    logged += data.toString();
  });
  await expect.poll(() => printed, { timeout: 40_000 }).toContain('has all 1 records');
  await server.kill();
  await write(topic, events.slice(1));
  await expect.poll(() => logged, { timeout: 20_000 }).toContain('events are not in the store yet');
  await server.start();
  await using store = await createPostgresCommandStore({ url });
  await expect.poll(() => store.countByState(), { timeout: 20_000 }).toEqual({ failed: 1, waiting: 1 });
  run.kill('SIGTERM');
  expect((await result).exitCode).toBe(143);
});

describe.each(['kafkajs', 'rdkafka'])('without a store, %s', (backend) => {
  test('status and list read the topics', async () => {
    const flags = [...topicsOf(await createTopic()), '--backend', backend];
    const list = async (...args: readonly string[]) => {
      const result = await runPusher(['list', ...args, '--output', 'json', ...flags], { folder });
      expect(result).toMatchObject({ exitCode: 0, stderr: '' });
      const lines = result.stdout.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line).requestId);
    };
    expect(await list()).toEqual(['r2', 'r1']);
    expect(await list('--device', 'pump-1', '--state', 'waiting', 'dead')).toEqual(['r2']);
    expect(await list('--since', '1h')).toEqual(['r1']);
    expect(await list('--type', 'open', '--protocol', 'coap')).toEqual([]);
    const status = await runPusher(['status', 'r1', '--output', 'json', ...flags], { folder });
    expect(JSON.parse(status.stdout)).toMatchObject({ state: 'failed', reason: 'jammed', result: 7 });
  });

  test('a command that no connector has taken is published', async () => {
    const commandTopic = await createTestTopic(kafka, { partitions: 1 });
    const flags = ['--backend', backend, '--command-topic', commandTopic];
    const pushed = await runPusher(
      ['push', '--device', 'valve-7', '--type', 'open', '--protocol', 'mqtt', '--payload', '{}', ...flags],
      { folder },
    );
    expect(pushed).toMatchObject({ exitCode: 0 });
    const list = ['list', '--output', 'json', '--event-topic', await createTopic([]), ...flags];
    const { stdout } = await runPusher(list, { folder });
    expect(JSON.parse(stdout)).toMatchObject({ deviceId: 'valve-7', state: 'published', evidence: 'broker' });
  });

  test('many records to read give a note on stderr', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({ ...pump, requestId: `r${index}` }));
    const topic = await createTopic([]);
    for (let start = 0; start < many.length; start += 1_000) {
      await write(
        topic,
        many.slice(start, start + 1_000).map((each) => ({ ...each, state: 'waiting', timestamp: at(0) })),
      );
    }
    const args = ['list', '--max', '1', ...topicsOf(topic), '--backend', backend];
    expect(await runPusher(args, { folder })).toMatchObject({
      exitCode: 0,
      stderr: `pusher: reading 10000 records of ${commands} and ${topic}; a command store (--store) answers at once\n`,
    });
  });
});

describe('what goes wrong', () => {
  let url: string;
  beforeAll(async () => {
    url = newSqlite();
    await using store = await createSqliteCommandStore({ path: url.replace('sqlite:', '') });
    await store.save(events);
  });

  test.each([
    [1, 'VALIDATION_FAILED', ['status', 'r3', '--store', 'SQLITE']],
    [2, 'CONFIGURATION_INVALID', ['list', '--store', 'sqlite:none.sqlite']],
    [2, 'CONFIGURATION_INVALID', ['list', '--store', 'mysql://user:secret@localhost/commands']],
    [2, 'CONFIGURATION_INVALID', ['store', 'run']],
    [2, 'USAGE', ['store', 'rebuild', '--store', 'SQLITE']],
    [2, 'USAGE', ['list', '--state', 'lost']],
    [3, 'STORE_UNAVAILABLE', ['list', '--store', 'postgres://user:secret@127.0.0.1:1/commands']],
  ])('exit code %i, %s: %j', async (exitCode, code, args) => {
    const result = await runPusher(
      args.map((arg) => (arg === 'SQLITE' ? url : arg)),
      { folder },
    );
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`^pusher: ${code}: `));
    expect(result.stderr).not.toContain('secret');
  });
});
