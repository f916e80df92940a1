import { once } from 'node:events';
import {
  closeSync,
  linkSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createTestTopic, writeTopic } from '@preservarium/dev-services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultOf, runPusher, startPusher } from './run-pusher.js';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
const good = '{"deviceId":"d","commandType":"reboot","protocol":"http"}';
const deep = '['.repeat(20_000) + ']'.repeat(20_000);
/** Control characters, and those that break lines or turn the direction of writing. */
const interpreted = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const memory = ['--backend', 'memory'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pusher-readers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('--rejects that is the input', () => {
  const content = `${good}\nnope\n`;

  test.each([
    ['a link', (input: string, other: string) => symlinkSync(input, other)],
    ['another name', (input: string, other: string) => linkSync(input, other)],
  ])('%s: refused, and the input is kept', async (name, link) => {
    const input = join(folder, `${name}.ndjson`);
    const other = join(folder, `${name}.rejects`);
    writeFileSync(input, content);
    link(input, other);
    const result = await runPusher(['bulk', input, '--rejects', other, ...memory], { folder });
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toMatch(/^pusher: CONFIGURATION_INVALID: --rejects .* is the file that bulk reads/);
    expect(readFileSync(input, 'utf8')).toBe(content);
  });

  test('stdin: refused, and the input is kept', async () => {
    const input = join(folder, 'stdin.ndjson');
    writeFileSync(input, content);
    const stdin = openSync(input, 'r');
    const child = startPusher(['bulk', '--rejects', input, ...memory], { folder, stdin });
    closeSync(stdin);
    expect(await resultOf(child)).toMatchObject({ exitCode: 2 });
    expect(readFileSync(input, 'utf8')).toBe(content);
  });
});

describe('the exit code does not depend on who reads', () => {
  test('stdout without a reader: the failed line counts', async () => {
    const child = startPusher(['bulk', ...memory], { folder });
    const ended = once(child, 'close');
    child.stdout.destroy();
    child.stdin.end(`${good}\nnope\n`);
    expect(await text(child.stderr)).toMatch(/^pusher: VALIDATION_FAILED: line 2: .*\n$/);
    expect(await ended).toEqual([1, null]);
  });

  test.each([[[]], [['--verbose']]])('stderr without a reader: all lines are pushed %j', async (more) => {
    const child = startPusher(['bulk', ...memory, ...more], { folder });
    const result = resultOf(child);
    child.stderr.destroy();
    child.stdin.end(`nope\n${good}\n`.repeat(1_000));
    expect(await result).toMatchObject({ exitCode: 1, stdout: '1000 pushed, 1000 failed\n' });
  });

  test('stdout without room is a failure', async () => {
    const full = openSync('/dev/full', 'w');
    const child = startPusher(['bulk', ...memory], { folder, stdout: full });
    closeSync(full);
    child.stdin.end(`${good}\n`);
    expect(await text(child.stderr)).toMatch(/^pusher: UNEXPECTED: .*ENOSPC/);
    expect(child.exitCode ?? (await once(child, 'close'))[0]).toBe(1);
  });
});

describe('values nested too deep', () => {
  test('bulk rejects the lines and pushes their neighbours', async () => {
    const rejects = join(folder, 'deep.rejects');
    const lines = [good, `{"deviceId":"d","commandType":"on","protocol":"http","payload":{"a":${deep}}}`];
    lines.push(`{"device_id":"d","command_type":"on","protocol":"http","payload":{"a":${deep}}}`, deep, good);
    const input = lines.join('\n');
    const result = await runPusher(['bulk', '--rejects', rejects, ...memory], { folder, input });
    expect(result).toEqual({ exitCode: 1, stdout: '2 pushed, 3 failed\n', stderr: '' });
    const rejected = readFileSync(rejects, 'utf8').trimEnd().split('\n');
    expect(rejected.map((line) => JSON.parse(line).input).sort()).toEqual(lines.slice(1, 4).sort());
  });

  test('consume prints the record as poison, and its neighbours', async () => {
    const topic = await createTestTopic(kafka, { partitions: 1 });
    const record = (more: string) =>
      Buffer.from(`{"device_id":"d","command_type":"on","protocol":"http","payload":{}${more}}`);
    const values = ['', `,"payload":{"a":${deep}}`, `,"colour":${deep}`, `,"metadata":{"a":${deep}}`, ''];
    const records = values.map((more) => ({ partition: 0, key: 'd', value: record(more) }));
    await writeTopic(kafka, topic, records);
    const args = ['consume', '--from-beginning', '--max', '5', '--command-topic', topic];
    const { stdout, exitCode } = await runPusher(args, { folder });
    expect(exitCode).toBe(0);
    const kinds = stdout
      .trimEnd()
      .split('\n')
      .map((line) => ('poison' in JSON.parse(line) ? 'poison' : 'command'));
    expect(kinds).toEqual(['command', 'poison', 'poison', 'poison', 'command']);
  });
});

test('JSON on stdout has no character that a terminal interprets', async () => {
  const hostile = '\u009b31m\u202e\u2028\u007f';
  const args = ['push', '--device', 'd', '--type', 'on', '--protocol', 'http', '--dry-run'];
  const { stdout } = await runPusher([...args, '--payload', JSON.stringify({ hostile })], { folder });
  expect(stdout.trimEnd()).not.toMatch(interpreted);
  expect(JSON.parse(stdout).value.payload).toEqual({ hostile });
});

test('an error line has none either', async () => {
  const args = [
    'push',
    '--device',
    'd',
    '--type',
    'on',
    '--payload',
    '{}',
    '--protocol',
    'x\u001b[2J\u009b31m\u202e',
  ];
  const { stderr, exitCode } = await runPusher(args, { folder });
  expect(exitCode).toBe(1);
  expect(stderr).toContain('x\\u{1b}[2j\\u{9b}31m\\u{202e}');
  expect(stderr.trimEnd()).not.toMatch(interpreted);
});
