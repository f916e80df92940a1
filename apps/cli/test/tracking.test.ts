import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeLifecycleEvent, type LifecycleEvent } from '@preservarium/core';
import { createTestTopic, writeTopic } from '@preservarium/dev-services';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { resultOf, runPusher, startPusher } from './run-pusher.js';

const kafka = { brokers: process.env.KAFKA_BOOTSTRAP_SERVERS?.split(',') ?? [] };
const readAngle = [
  'push',
  '--device',
  'valve-7',
  '--type',
  'read_angle',
  '--protocol',
  'mqtt',
  '--payload',
  '{}',
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pusher-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** No connector runs, which push --wait may have time to say. */
const withoutNote = (stderr: string) => stderr.replace(/^pusher: no connector serves .*\n/, '');

const write = (topic: string, ...events: readonly Omit<LifecycleEvent, 'timestamp'>[]) =>
  writeTopic(
    kafka,
    topic,
    events.map((event) => ({
      partition: 0,
      key: event.deviceId,
      value: encodeLifecycleEvent({ ...event, timestamp: new Date(0) }),
    })),
  );

describe.each(['kafkajs', 'rdkafka'])('%s', (backend) => {
  async function topics() {
    const commands = await createTestTopic(kafka, { partitions: 1 });
    const events = await createTestTopic(kafka, { partitions: 2 });
    return { events, args: ['--command-topic', commands, '--event-topic', events, '--backend', backend] };
  }

  test('push --wait ends when the device has answered, and prints the answer', async () => {
    const { events, args } = await topics();
    const requestId = randomUUID();
    const push = startPusher([...readAngle, '--request-id', requestId, '--wait', 'succeeded', ...args], {
      folder,
    });
    const result = resultOf(push);
    await once(push.stdout, 'data');
    const of = { requestId, deviceId: 'valve-7' };
    const answer = { state: 'succeeded', evidence: 'executed', result: { angle: 90 } } as const;
    await write(events, { ...of, state: 'dispatched' }, { ...of, ...answer });
    const { exitCode, stdout, stderr } = await result;
    expect({ exitCode, stderr: withoutNote(stderr) }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.split('\n').slice(1)).toEqual(['succeeded  (executed)  {"angle":90}', '']);
  });

  test('push --wait fails when the command did', async () => {
    const { events, args } = await topics();
    const requestId = randomUUID();
    const push = startPusher([...readAngle, '--request-id', requestId, '--wait', 'succeeded', ...args], {
      folder,
    });
    const result = resultOf(push);
    await once(push.stdout, 'data');
    await write(events, { requestId, deviceId: 'valve-7', state: 'failed', reason: 'jammed' });
    const { exitCode, stderr } = await result;
    expect({ exitCode, stderr: withoutNote(stderr) }).toEqual({
      exitCode: 1,
      stderr: `pusher: COMMAND_FAILED: command ${requestId} of valve-7 is failed, and cannot reach succeeded: jammed\n`,
    });
  });

  test('push --wait for what can never come is refused with the state to wait for, and pushes nothing', async () => {
    const { args } = await topics();
    const overHttp = readAngle.map((argument) => (argument === 'mqtt' ? 'http' : argument));
    const result = await runPusher([...overHttp, '--wait', 'succeeded', ...args], { folder });
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toMatch(
      /^pusher: VALIDATION_FAILED: .*wait for delivered, or set requiredEvidence to executed/,
    );
  });

  test('push --wait ends at its deadline', async () => {
    const { args } = await topics();
    const wait = ['--wait', 'delivered', '--wait-timeout', '3s', '--output', 'json'];
    const result = await runPusher([...readAngle, ...wait, ...args], { folder });
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(withoutNote(result.stderr)).toMatch(
      /^pusher: WAIT_TIMED_OUT: command did not reach `delivered` within 3000 ms \(last state: published\)/,
    );
  });

  test('watch prints the events that fit, until it is interrupted', async () => {
    const { events, args } = await topics();
    const filter = ['--device', 'valve-7', '--state', 'dead', 'failed', '--output', 'json'];
    const watch = startPusher(['watch', ...filter, ...args], { folder });
    const result = resultOf(watch);
    let heard = false;
    watch.stdout.once('data', () => {
      heard = true;
    });
    const of = { requestId: 'r1', deviceId: 'valve-7' };
    // It says nothing of when it has begun to watch, so they are written until one has been heard.
    await vi.waitUntil(
      async () => {
        await write(events, { ...of, state: 'delivered' }, { ...of, deviceId: 'other', state: 'dead' });
        await write(events, { ...of, state: 'failed', reason: 'jammed' });
        return heard;
      },
      { timeout: 30_000 },
    );
    watch.kill('SIGINT');
    const { exitCode, stdout, stderr } = await result;
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: '' });
    const lines = new Set(stdout.trim().split('\n'));
    expect([...lines].map((line) => JSON.parse(line))).toEqual([
      { ...of, state: 'failed', reason: 'jammed', timestamp: '1970-01-01T00:00:00.000Z' },
    ]);
  });

  test('watch of a topic that does not exist', async () => {
    const args = ['watch', '--event-topic', 'no-such-events', '--backend', backend];
    const result = await runPusher(args, { folder });
    expect(result).toMatchObject({ exitCode: 1, stdout: '' });
    expect(result.stderr).toMatch(/^pusher: TOPIC_UNKNOWN: topic "no-such-events" does not exist/);
  });
});
