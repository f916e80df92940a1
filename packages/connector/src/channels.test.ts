import type { CommandMessage } from '@preservarium/core';
import type { DeliveryResult } from '@preservarium/deliverer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCrashableBackend } from '../test/crashable-backend.js';
import { accepted, createFakeDeliverer, type FakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createWorld, type World } from '../test/world.js';
import type { ConnectorOptions } from './index.js';

const byGateway: DeliveryResult = { kind: 'delivered', evidence: 'gateway' };
/** Nothing is attempted again before the test says so. */
const retry = { maxAttempts: 1, baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
const mistyped = 'devices/d1/comands';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

/** Nobody subscribes to the mistyped topic. */
const answerByTopic = ({ topic }: CommandMessage): DeliveryResult =>
  topic === mistyped ? unreachable : accepted;

function createDeliverer(answer: (command: CommandMessage) => DeliveryResult = answerByTopic): FakeDeliverer {
  return Object.assign(createFakeDeliverer(answer), { channelOf: ({ topic }: CommandMessage) => topic });
}

const start = (deliverer: FakeDeliverer, options: Partial<ConnectorOptions> = {}) =>
  world.start(deliverer, { retry, ...options });

test('a command of a topic that nobody subscribes to holds up no command of another topic', async () => {
  const deliverer = createDeliverer();
  const connector = await start(deliverer);
  const first = await world.push({ note: 'mistyped', topic: mistyped });
  await world.untilStates(first, ['dispatched', 'waiting']);
  const behind = await world.push({ note: 'behind', topic: mistyped });
  for (const topic of [undefined, 'devices/d1/other']) await world.push({ note: topic, topic });
  await expect.poll(() => deliverer.accepted('d1')).toEqual([null, 'devices/d1/other']);
  await world.untilStates(behind, ['waiting']);
  expect(world.events(behind)).toMatchObject([{ behind: first }]);
  expect(connector.status().waiting).toBe(2);
});

test('commands of one topic keep their order', async () => {
  let isThere = false;
  const deliverer = createDeliverer(() => (isThere ? accepted : unreachable));
  const connector = await start(deliverer);
  for (const note of [1, 2, 3]) await world.push({ note, topic: 'own' });
  for (const note of ['a', 'b']) await world.push({ note });
  await expect.poll(() => connector.status().waiting).toBe(5);
  isThere = true;
  expect(deliverer.port.reachable('d1')).toBe(true);
  await expect.poll(() => deliverer.accepted()).toHaveLength(5);
  expect(deliverer.accepted().filter((note) => typeof note === 'number')).toEqual([1, 2, 3]);
  expect(deliverer.accepted().filter((note) => typeof note === 'string')).toEqual(['a', 'b']);
});

test('the next connector knows the topics of what waits', async () => {
  const crashing = createCrashableBackend(world.broker);
  const first = await start(createDeliverer(), { backend: crashing.backend });
  await world.push({ note: 'mistyped', topic: mistyped });
  await expect.poll(() => first.status().waiting).toBe(1);
  await expect.poll(() => world.uncommitted()).toBe(0);
  await crashing.crash();
  const deliverer = createDeliverer();
  const second = await start(deliverer);
  await expect.poll(() => second.status().waiting).toBe(1);
  await world.push({ note: 'after' });
  await expect.poll(() => deliverer.accepted('d1')).toEqual(['after']);
});

test('a command is cancelled, and ended by its answer, in whichever topic it waits', async () => {
  const deliverer = createDeliverer(({ topic }) => (topic === mistyped ? unreachable : byGateway));
  const connector = await start(deliverer);
  const cancelled = await world.push({ note: 'mistyped', topic: mistyped });
  await world.untilStates(cancelled, ['dispatched', 'waiting']);
  const soon = { requiredEvidence: 'executed', answerWithinMs: 1 } as const;
  const answered = await world.push({ note: 'answered', topic: 'own', ...soon });
  await world.untilStates(answered, ['dispatched', 'delivered', 'waiting']);
  await expect.poll(() => connector.status().waiting).toBe(2);
  await deliverer.port.report({ deviceId: 'd1', requestId: answered, state: 'succeeded' });
  await world.service.cancelCommand({ deviceId: 'd1', requestId: cancelled });
  await expect.poll(() => connector.status().waiting).toBe(0);
  expect(world.states(answered).at(-1)).toBe('succeeded');
  expect(world.states(cancelled).at(-1)).toBe('cancelled');
});

test('only the topic of a command waits for its answer', async () => {
  const deliverer = createDeliverer(() => byGateway);
  await start(deliverer);
  const slowly = { requiredEvidence: 'executed', answerWithinMs: 3_600_000 } as const;
  const first = await world.push({ note: 'first', topic: 'own', ...slowly });
  await world.untilStates(first, ['dispatched', 'delivered']);
  await world.push({ note: 'second', topic: 'own' });
  await world.push({ note: 'other' });
  await expect.poll(() => deliverer.accepted('d1')).toEqual(['first', 'other']);
  await deliverer.port.report({ deviceId: 'd1', requestId: first, state: 'succeeded' });
  await expect.poll(() => deliverer.accepted('d1')).toEqual(['first', 'other', 'second']);
});

test('a command supersedes those of its own topic', async () => {
  const deliverer = createDeliverer(() => unreachable);
  await start(deliverer);
  const supersedeKey = 'angle';
  const older = await world.push({ supersedeKey, topic: 'own' });
  const other = await world.push({ supersedeKey });
  await world.untilStates(older, ['dispatched', 'waiting']);
  await world.untilStates(other, ['dispatched', 'waiting']);
  await world.push({ supersedeKey, topic: 'own' });
  await world.untilStates(older, ['dispatched', 'waiting', 'superseded']);
  expect(world.states(other)).toEqual(['dispatched', 'waiting']);
});
