import { textHeaders } from '@preservarium/backend';
import { encodeCommand, parseCommand } from '@preservarium/core';
import { readDeadLetter, redriveRecord } from '@preservarium/dead-letters';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accepted, createFakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createWorld, type World } from '../test/world.js';

/** Their topics are too small, which a connector refuses where it can see it. */
const unchecked = { topicConfigs: { topicConfig: async () => ({}) } };
let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

function deadLetter() {
  const [record] = world.deadLetters();
  const read = record && readDeadLetter(record);
  if (!read?.ok) throw new Error(read?.message ?? 'there is no dead letter');
  return read.letter;
}

test('an event that is too large for Kafka is written without its result, and the connector goes on', async () => {
  const large = 'x'.repeat(1_100_000);
  const deliverer = createFakeDeliverer(({ payload }) =>
    payload.note === 'large' ? { ...accepted, result: large } : accepted,
  );
  const connector = await world.start(deliverer);
  const requestId = await world.push({ note: 'large' });
  const others = [
    await world.push({ deviceId: 'd2', note: 1 }),
    await world.push({ deviceId: 'd3', note: 2 }),
  ];
  await world.untilStates(requestId, ['dispatched', 'delivered']);
  const [, delivered] = world.events(requestId);
  expect(delivered).toMatchObject({
    evidence: 'device',
    reason: expect.stringMatching(/^the result was left out/),
  });
  expect(delivered?.result).toBeUndefined();
  for (const other of others) await world.untilStates(other, ['dispatched', 'delivered']);
  await deliverer.port.report({ deviceId: 'd1', requestId, state: 'succeeded', result: [large] });
  await world.untilStates(requestId, ['dispatched', 'delivered', 'succeeded']);
  await expect.poll(() => world.uncommitted()).toBe(0);
  expect(connector.isReady()).toBe(true);
});

test.each([
  ['a key of 600 kB', { key: 'k'.repeat(600_000), value: Buffer.from('{') }],
  [
    'headers of 700 kB',
    { key: 'd1', value: Buffer.from('{'), headers: textHeaders({ attempts: 'h'.repeat(700_000) }) },
  ],
  [
    'thousands of problems',
    { key: 'd1', value: Buffer.from(JSON.stringify({ retry: [], qos: 7, payload: Array(8_000).fill({}) })) },
  ],
  ['a key that no device has', { key: 'a\0b', value: Buffer.from('{') }],
])('a record with %s is a dead letter, with an event that readers can read', async (_, record) => {
  const connector = await world.start(createFakeDeliverer());
  await world.publish(record);
  await expect.poll(() => world.deadLetters()).toHaveLength(1);
  const events = world.events();
  expect(events.map(({ state }) => state)).toEqual(['dead']);
  expect(JSON.stringify(events).length).toBeLessThan(3_000);
  expect(deadLetter().message.length).toBeLessThanOrEqual(1_000);
  const requestId = await world.push({ note: 1 });
  await world.untilStates(requestId, ['dispatched', 'delivered']);
  await expect.poll(() => world.uncommitted()).toBe(0);
  expect(connector.isReady()).toBe(true);
});

test('a dead letter that is too large is written without its original, says where that is, and cannot be redriven', async () => {
  world.broker.createTopic({
    topic: 'device_commands_dead',
    partitions: 2,
    config: { 'max.message.bytes': '10000' },
  });
  const connector = await world.start(createFakeDeliverer(), unchecked);
  const key = 'k'.repeat(20_000);
  await world.publish({ key, value: Buffer.alloc(20_000, '['), headers: textHeaders({ a: 'b' }) });
  await expect.poll(() => world.deadLetters()).toHaveLength(1);
  expect(deadLetter()).toMatchObject({
    reason: 'poison',
    omittedBytes: 20_000,
    key: Buffer.from('k'.repeat(256)),
    value: Buffer.alloc(0),
    headers: [],
    source: { topic: 'device_commands', offset: 0 },
  });
  expect(() => redriveRecord(deadLetter(), ['device_commands'])).toThrow(
    'read it at device_commands, partition',
  );
  await expect.poll(() => world.uncommitted()).toBe(0);
  expect(connector.status().refusedRecords).toBe(1);
});

test('a command that Kafka cannot keep for later ends as a dead letter, and waits no more', async () => {
  world.broker.createTopic({
    topic: 'device_commands_waiting',
    partitions: 2,
    config: { 'max.message.bytes': '10000' },
  });
  const connector = await world.start(
    createFakeDeliverer(() => unreachable),
    unchecked,
  );
  const large = parseCommand({
    deviceId: 'd1',
    commandType: 'set_led',
    protocol: 'mqtt',
    payload: { note: 'x'.repeat(20_000) },
  });
  await world.publish({ key: 'd1', value: encodeCommand(large) });
  await expect.poll(() => world.states(large.requestId)).toContain('dead');
  expect(deadLetter()).toMatchObject({ reason: 'exhausted', value: encodeCommand(large) });
  await expect.poll(() => world.uncommitted()).toBe(0);
  expect(connector.status()).toMatchObject({ waiting: 0, inFlight: 0, refusedRecords: 1 });
  expect(connector.isReady()).toBe(true);
});
