import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PublishRecord, textHeaders } from '@preservarium/backend';
import { createKafkajsBackend } from '@preservarium/backend-kafkajs';
import { createTestTopic } from '@preservarium/dev-services';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { letterRecord } from '../../../packages/dead-letters/test/dead-letter-records.js';
import { runPusher } from './run-pusher.js';

const brokers = process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [];
/** Sets the title and clears the screen of a terminal, in C0 and C1, breaks the line and turns the direction of writing. */
const hostile = 'x\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\u2028\u007f\r\b';
/** As what is behind `printable`, except for the ends of lines, and tabs. */
const interpreted = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const requestId = randomUUID();

let folder: string;
let topics: Record<'commands' | 'events' | 'letters' | 'settings' | 'reported' | 'waiting', string>;
let files: Record<'types' | 'input' | 'policy' | 'trusted' | 'store' | 'other', string>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pusher-terminal-'));
  const create = () => createTestTopic({ brokers }, { partitions: 1 });
  topics = {
    commands: await create(),
    events: await create(),
    letters: await create(),
    settings: await create(),
    reported: await create(),
    waiting: await create(),
  };
  files = {
    types: join(folder, 'types.json'),
    input: join(folder, 'input.ndjson'),
    policy: join(folder, 'policy.json'),
    trusted: join(folder, 'trusted.yaml'),
    store: `sqlite:${join(folder, 'commands.sqlite')}`,
    other: `sqlite:${join(folder, 'other.sqlite')}`,
  };
  const type = { title: hostile, description: hostile, payload: { type: 'object' } };
  writeFileSync(files.types, JSON.stringify({ types: { [hostile]: { commands: { [hostile]: type } } } }));
  writeFileSync(
    files.input,
    `${JSON.stringify({ deviceId: hostile, protocol: hostile })}\n${hostile}\n{"${hostile}":1}\n`,
  );
  const rule = { name: hostile, subjects: [{ key: hostile }], actions: ['read'] };
  writeFileSync(files.policy, JSON.stringify({ rules: [rule] }));
  await publish();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = (value: object) => Buffer.from(JSON.stringify(value));

/** Every topic, with hostile texts wherever a record has one, and records that are unreadable. */
async function publish(): Promise<void> {
  const ids = { request_id: requestId, device_id: hostile, command_type: hostile, protocol: 'mqtt' };
  const known = { request_id: requestId, device_id: 'd', command_type: 'on', protocol: 'mqtt' };
  const timestamp = new Date().toISOString();
  const payload = { [hostile]: hostile };
  const key = hostile;
  const command = bytes({ ...ids, timestamp, payload, topic: hostile, metadata: { [hostile]: hostile } });
  const records: PublishRecord[] = [
    { topic: topics.commands, key, value: command, headers: textHeaders({ [hostile]: hostile }) },
    { topic: topics.commands, key, value: bytes({ ...ids, timestamp, payload, protocol: hostile }) },
    { topic: topics.commands, key, value: Buffer.from(hostile) },
    { topic: topics.events, key: 'd', value: bytes({ ...known, state: 'dispatched', timestamp }) },
    {
      topic: topics.events,
      key,
      value: bytes({ ...known, state: 'waiting', timestamp, reason: hostile, result: payload }),
    },
    { topic: topics.events, key, value: Buffer.from(hostile) },
    letterRecord(topics.letters, {
      message: hostile,
      groupId: hostile,
      key: Buffer.from(hostile),
      value: command,
      headers: textHeaders({ [hostile]: hostile }),
    }),
    letterRecord(topics.letters, { key: Buffer.from(hostile), value: Buffer.from(hostile) }),
    { topic: topics.letters, key, value: Buffer.from(hostile) },
    {
      topic: topics.settings,
      key,
      value: bytes({
        device_id: hostile,
        settings: payload,
        timestamp,
        protocol: hostile,
        command_type: hostile,
      }),
    },
    { topic: topics.reported, key, value: bytes({ device_id: hostile, settings: payload, timestamp }) },
    { topic: topics.settings, key: 'd', value: bytes({ device_id: 'd', settings: payload, timestamp }) },
    { topic: topics.reported, key: 'd', value: bytes({ device_id: 'd', settings: payload, timestamp }) },
    { topic: topics.reported, key: 'other', value: Buffer.from(hostile) },
  ];
  const backend = createKafkajsBackend({ brokers });
  const outcomes = await backend.publish(records, { timeoutMs: 30_000 });
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
  await backend.close({ timeoutMs: 5_000 });
}

const device = ['--device', hostile];
const json = ['--output', 'json'];
const where = {
  kafka: () => ['--command-topic', topics.commands],
  events: () => ['--command-topic', topics.commands, '--event-topic', topics.events],
  letters: () => ['--command-topic', topics.commands, '--dead-letter-topic', topics.letters],
  settings: () => ['--settings-topic', topics.settings, '--reported-topic', topics.reported],
  store: () => ['--event-topic', topics.events, '--command-topic', topics.commands, '--store', files.store],
};
const push = ['push', ...device, '--type', hostile, '--protocol', 'mqtt', '--payload', `{"a":"${hostile}"}`];

/** Each command as it is called, more than once where it prints in several forms. */
const calls: Record<string, () => readonly (readonly string[])[]> = {
  push: () => [
    [...push, ...where.kafka()],
    [...push.slice(0, -1), JSON.stringify({ a: hostile }), '--dry-run', ...where.kafka()],
    [...push.slice(0, -1), JSON.stringify({ a: hostile }), '--topic', hostile, ...json, ...where.kafka()],
    [...push.slice(0, -1), '{}', '--capabilities', files.types, '--device-type', hostile, ...where.kafka()],
  ],
  bulk: () => [
    ['bulk', files.input, ...where.kafka()],
    ['bulk', files.input, '--rejects', '/dev/stdout', ...where.kafka()],
    ['bulk', hostile],
  ],
  cancel: () => [
    ['cancel', ...device, '--request-id', hostile, '--waiting-topic', topics.waiting],
    ['cancel', ...device, '--request-id', hostile, ...json, '--waiting-topic', topics.waiting],
  ],
  'dead list': () => [
    ['dead', 'list', '--all', ...where.letters()],
    ['dead', 'list', ...json, ...where.letters()],
    ['dead', 'list', ...device, '--reason', hostile],
  ],
  'dead show': () => [
    ['dead', 'show', '0:0', ...where.letters()],
    ['dead', 'show', '0:1', ...where.letters()],
    ['dead', 'show', '0:0', ...json, ...where.letters()],
    ['dead', 'show', hostile, ...where.letters()],
  ],
  'dead redrive': () => [
    ['dead', 'redrive', '--dry-run', '--reason', 'exhausted', ...where.letters()],
    ['dead', 'redrive', '--yes', '--reason', 'exhausted', ...where.letters()],
    ['dead', 'redrive', '0:0', '0:1', ...json, ...where.letters()],
    ['dead', 'redrive', hostile, ...where.letters()],
  ],
  'settings get': () => [
    ['settings', 'get', 'd', ...where.settings()],
    ['settings', 'get', hostile, ...where.settings()],
    ['settings', 'get', 'd', ...json, ...where.settings()],
  ],
  'settings set': () => [
    ['settings', 'set', hostile, JSON.stringify({ [hostile]: hostile }), ...where.settings()],
    ['settings', 'set', hostile, '{"on":true}', ...json, ...where.settings()],
    ['settings', 'set', hostile, hostile, ...where.settings()],
  ],
  'settings report': () => [
    ['settings', 'report', hostile, JSON.stringify({ [hostile]: hostile }), ...where.settings()],
    ['settings', 'report', hostile, hostile, ...json, ...where.settings()],
  ],
  'settings watch': () => [
    ['settings', 'watch', '--device', 'd', '--max', '1', ...where.settings()],
    ['settings', 'watch', '--device', 'd', '--max', '1', ...json, ...where.settings()],
  ],
  'topics create': () => [['topics', 'create', hostile]],
  'topics list': () => [['topics', 'list', hostile]],
  connectors: () => [
    ['connectors', '--waiting-topic', topics.waiting, ...where.kafka()],
    ['connectors', '--waiting-topic', topics.waiting, ...json, ...where.kafka()],
    ['connectors', '--since', hostile],
  ],
  consume: () => [['consume', '--from-beginning', '--max', '2', ...where.kafka()]],
  'capabilities check': () => [
    ['capabilities', 'check', files.types],
    ['capabilities', 'check', files.input, hostile],
  ],
  'types generate': () => [
    ['types', 'generate', files.types],
    ['types', 'generate', hostile],
  ],
  watch: () => [
    ['watch', ...device, '--request-id', hostile, '--state', hostile, ...where.events()],
    ['watch', hostile],
  ],
  'store rebuild': () => [['store', 'rebuild', '--yes', ...where.store()]],
  'store run': () => [['store', 'run', '--store', hostile]],
  list: () => [
    ['list', ...where.events()],
    ['list', ...json, ...where.events()],
    ['list', ...where.store()],
    ['list', ...device, ...where.store()],
  ],
  status: () => [
    ['status', requestId, ...where.events()],
    ['status', requestId, ...json, ...where.store()],
    ['status', hostile, ...where.store()],
  ],
  'device check': () => [
    ['device', 'check', 'mqtt://127.0.0.1:1', '--device', hostile, '--timeout', '1s'],
    ['device', 'check', hostile, '--device', 'd'],
  ],
  doctor: () => [
    ['doctor', '--command-topic', topics.commands],
    ['doctor', '--json', '--command-topic', hostile],
    ['doctor', '--max-wait', hostile],
  ],
  'keys create': () => [
    ['keys', 'create', hostile, '--file', join(folder, 'keys.yaml')],
    ['keys', 'create', 'dashboard', '--file', join(folder, hostile)],
  ],
  'signing create': () => [
    ['signing', 'create', hostile, '--key', join(folder, 'key.json'), '--trusted', files.trusted],
    ['signing', 'create', 'app', '--id', hostile, '--key', files.policy, '--trusted', files.trusted],
    ['signing', 'create', 'app', '--id', 'app-1', '--key', join(folder, hostile), '--trusted', files.trusted],
  ],
  // With the key that was just made.
  'settings sign': () => [
    ['settings', 'sign', '--signing-key', join(folder, 'key.json'), ...where.settings()],
    ['settings', 'sign', hostile, ...json, '--signing-key', join(folder, 'key.json'), ...where.settings()],
    ['settings', 'sign', hostile, '--signing-key', join(folder, hostile), ...where.settings()],
  ],
  'signing list': () => [
    ['signing', 'list', '--trusted', files.trusted],
    ['signing', 'list', '--trusted', files.types],
  ],
  'signing deny': () => [['signing', 'deny', hostile, '--trusted', files.trusted]],
  'policy test': () => [
    ['policy', 'test', '--policy', join(folder, hostile), '--action', 'read', '--device', hostile],
    ['policy', 'test', '--policy', files.policy, '--key', hostile, '--action', 'read', '--device', hostile],
  ],
  'store forget': () => [
    ['store', 'forget', hostile, '--yes', '--waiting-topic', topics.waiting, ...where.store()],
    ['store', 'forget', hostile, ...where.store()],
  ],
};

test('every command is tried', async () => {
  const named = async (...path: readonly string[]): Promise<string[]> => {
    const { stdout } = await runPusher([...path, '--help'], { folder });
    const [, list = ''] = /^Commands:\n((?: {2}.*\n)+)/m.exec(stdout) ?? [];
    const names = [...list.matchAll(/^ {2}([a-z]+)/gm)].flatMap(([, name = '']) =>
      name === 'help' ? [] : [name],
    );
    if (names.length === 0) return [path.join(' ')];
    return (await Promise.all(names.map((name) => named(...path, name)))).flat();
  };
  expect(Object.keys(calls).sort()).toEqual((await named()).sort());
}, 120_000);

test.each(Object.keys(calls))(
  '%s writes nothing that a terminal interprets',
  async (name) => {
    for (const args of calls[name]?.() ?? []) {
      const { stdout, stderr } = await runPusher(args, {
        folder,
      });
      expect(`${stdout}${stderr}`, JSON.stringify(args)).not.toMatch(interpreted);
      expect(`${stdout}${stderr}`.length, JSON.stringify(args)).toBeGreaterThan(0);
    }
  },
  120_000,
);
