import { silentLogger } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { AuthorizationError } from '@preservarium/core';
import type { Deliverer } from '@preservarium/deliverer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFakeDeliverer } from '../test/fake-deliverer.js';
import { createWorld, type World } from '../test/world.js';

const dayMs = 24 * 3600_000;
const waiting = 'device_commands_waiting';
const dead = 'device_commands_dead';
const events = 'device_command_events';
let world: World;

beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

function createLog() {
  const logged: string[] = [];
  const note = (_: object, message: string) => void logged.push(message);
  return { logged, logger: { ...silentLogger, warn: note, error: note } };
}

test('the waiting topic keeps records for the longest wait and the longest downtime', async () => {
  await world.start(createFakeDeliverer(), { retry: { maxWaitMs: dayMs }, maxDowntimeMs: 2 * dayMs });
  expect(world.broker.topic(waiting)?.config).toMatchObject({ 'retention.ms': String(3 * dayMs) });
});

test.each([
  [waiting, { 'retention.ms': String(36 * dayMs) }, `retention.ms=${37 * dayMs}`],
  [waiting, { 'cleanup.policy': 'compact,delete' }, 'cleanup.policy=delete'],
  [waiting, { 'retention.ms': '-1', 'max.message.bytes': '1000' }, 'max.message.bytes=1048576'],
  [dead, { 'cleanup.policy': 'compact' }, 'cleanup.policy=delete'],
  [events, { 'cleanup.policy': 'compact' }, 'cleanup.policy=delete'],
])('%s with %j is refused, with the command that mends it', async (topic, config, setting) => {
  world.broker.createTopic({ topic, partitions: 2, config });
  await expect(world.start(createFakeDeliverer())).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringMatching(new RegExp(`"${topic}" .*kafka-configs.sh .* ${topic} .*${setting}`)),
  });
});

test('a waiting topic with more partitions than the command topic is refused, with the command that mends it', async () => {
  world.broker.createTopic({ topic: waiting, partitions: 3 });
  await expect(world.start(createFakeDeliverer())).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringMatching(
      /has 3 partitions .*kafka-topics.sh .* --topic device_commands --partitions 3/,
    ),
  });
});

test('without an events topic, none is checked', async () => {
  world.broker.createTopic({ topic: events, partitions: 2, config: { 'cleanup.policy': 'compact' } });
  await world.start(createFakeDeliverer(), { topics: { events: false } });
});

test('the log names a topic of dead letters that is too small for some, with the command', async () => {
  world.broker.createTopic({ topic: dead, partitions: 2, config: { 'max.message.bytes': '1000' } });
  const { logged, logger } = createLog();
  await world.start(createFakeDeliverer(), { logger });
  expect(logged).toContainEqual(expect.stringContaining('max.message.bytes=1048576'));
});

test('a waiting topic that keeps records without limit is as good as one that keeps them for long enough', async () => {
  world.broker.createTopic({ topic: waiting, partitions: 2, config: { 'retention.ms': '-1' } });
  await world.start(createFakeDeliverer());
});

test.each([
  ['with a client that reads no settings', undefined],
  ['without the permission', { topicConfig: () => Promise.reject(new AuthorizationError('no')) }],
])('%s, one warning says that nothing was checked', async (_, topicConfigs) => {
  world.broker.createTopic({ topic: waiting, partitions: 2, config: { 'retention.ms': '1' } });
  const { topicConfig: _omitted, ...backend } = createMemoryBackend({ broker: world.broker });
  const { logged, logger } = createLog();
  await world.start(createFakeDeliverer(), { backend, logger, ...(topicConfigs && { topicConfigs }) });
  expect(logged.filter((message) => message.includes('cannot be checked'))).toHaveLength(1);
});

test('while a partition is paused, the log and the status name it once its oldest command has passed half of the retention', async () => {
  const deliverer = createFakeDeliverer();
  let isThere = false;
  let nowMs = Date.now();
  const { logged, logger } = createLog();
  const away: Deliverer = {
    protocol: 'mqtt',
    start: deliverer.start,
    deliver: deliverer.deliver,
    isReady: () => isThere,
    close: deliverer.close,
  };
  const connector = await world.start(away, { logger, clock: () => nowMs });
  for (const note of [1, 2]) await world.push({ note });
  const alarms = () => logged.filter((message) => message.includes('half of the retention'));
  await expect.poll(() => connector.status().partitions).toHaveLength(2);
  nowMs += 3 * dayMs;
  expect(connector.status().endangeredPartitions).toEqual([]);
  nowMs += dayMs;
  await expect.poll(() => connector.status().endangeredPartitions).toHaveLength(1);
  await expect.poll(alarms).toHaveLength(1);
  isThere = true;
  await expect.poll(() => connector.status().endangeredPartitions).toEqual([]);
  await expect.poll(() => deliverer.accepted()).toEqual([1, 2]);
  expect(alarms()).toHaveLength(1);
});
