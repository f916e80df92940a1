import { textHeaders } from '@preservarium/backend';
import type { LifecycleEvent } from '@preservarium/core';
import type { DeliveryResult } from '@preservarium/deliverer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accepted, createFakeDeliverer, notAsked, unreachable } from '../test/fake-deliverer.js';
import { createWorld, type World } from '../test/world.js';

/** Nothing is attempted again before the test says so. */
const rarely = { baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
const busy: DeliveryResult = { kind: 'retryable', reason: 'busy', unreachable: false };

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

/** The command behind which one waits, and whether its next attempt is known. */
const waitsOf = (events: readonly LifecycleEvent[]) =>
  events
    .filter(({ state }) => state === 'waiting')
    .map(({ reason, behind, nextAttemptAt }) => ({ reason, behind, isTimed: nextAttemptAt !== undefined }));

/** Sends the first command of the topic again, as from the dead letters. */
async function redrive(): Promise<Date> {
  const [{ key, value } = { key: null, value: null }] = world.broker.records('device_commands');
  await world.publish({ key: String(key), value: value as Buffer, headers: textHeaders({ redriven: '1' }) });
  return new Date(world.broker.records('device_commands').at(-1)?.timestampMs ?? 0);
}

test('a command that is attempted again waits until then, and says why', async () => {
  const answers = [busy, busy];
  await world.start(createFakeDeliverer(() => answers.shift() ?? accepted));
  const requestId = await world.push({});
  const attempt = ['dispatched', 'waiting'];
  await world.untilStates(requestId, [...attempt, ...attempt, 'dispatched', 'delivered']);
  const [dispatched, first, again, second] = world.events(requestId);
  expect(first).toMatchObject({ reason: 'busy', attempt: 1 });
  expect(second).toMatchObject({ reason: 'busy', attempt: 2 });
  // Of two clocks, each rounded to a millisecond.
  const at = (date?: Date) => date?.getTime() ?? Number.NaN;
  expect(at(first?.nextAttemptAt)).toBeGreaterThanOrEqual(at(dispatched?.timestamp) - 1);
  expect(at(again?.timestamp)).toBeGreaterThanOrEqual(at(first?.nextAttemptAt) - 1);
});

test('the commands of a device that is away say so once, and behind which one; the first says each attempt', async () => {
  const nowMs = Date.now();
  const deliverer = createFakeDeliverer(() => unreachable);
  const connector = await world.start(deliverer, { retry: rarely, clock: () => nowMs });
  const first = await world.push({});
  await world.untilStates(first, ['dispatched', 'waiting']);
  const nextAttemptAt = world.events(first).at(-1)?.nextAttemptAt?.getTime() ?? 0;
  expect(nextAttemptAt).toBeGreaterThan(nowMs + 1_700_000);
  expect(nextAttemptAt).toBeLessThanOrEqual(nowMs + 3_600_000);
  const others = [await world.push({}), await world.push({})];
  for (const requestId of others) await world.untilStates(requestId, ['waiting']);
  deliverer.port.reachable('d1');
  await world.untilStates(first, ['dispatched', 'waiting', 'dispatched', 'waiting']);
  await expect.poll(() => connector.status().waiting).toBe(3);
  const reason = 'earlier commands of the device wait';
  for (const requestId of others) {
    expect(waitsOf(world.events(requestId))).toEqual([{ reason, behind: first, isTimed: false }]);
  }
  const attempted = { reason: 'nobody there', behind: undefined, isTimed: true };
  expect(waitsOf(world.events(first))).toEqual([attempted, attempted]);
});

test('commands that are queued when the first one is deferred say behind which one they wait', async () => {
  const answer = Promise.withResolvers<DeliveryResult>();
  const deliverer = createFakeDeliverer(() => answer.promise);
  await world.start(deliverer, { retry: rarely });
  const first = await world.push({});
  await world.untilStates(first, ['dispatched']);
  const second = await world.push({});
  const urgent = await world.push({ priority: 1 });
  await expect.poll(() => world.broker.records('device_commands')).toHaveLength(3);
  answer.resolve(unreachable);
  await world.untilStates(second, ['waiting']);
  expect(waitsOf(world.events(second))).toMatchObject([{ behind: first }]);
  await world.untilStates(urgent, ['waiting']);
});

test('a command that goes before all that wait waits behind none', async () => {
  const deliverer = createFakeDeliverer(() => unreachable);
  await world.start(deliverer, { retry: rarely });
  const first = await world.push({});
  await world.untilStates(first, ['dispatched', 'waiting']);
  const urgent = await world.push({ priority: 1 });
  await world.untilStates(urgent, ['waiting']);
  expect(waitsOf(world.events(urgent))).toMatchObject([{ behind: undefined }]);
});

test('the events of a command that was sent again from the dead letters are those of a new life', async () => {
  let answer: DeliveryResult = { kind: 'rejected', reason: 'unknown valve' };
  await world.start(createFakeDeliverer(() => answer));
  const requestId = await world.push({});
  await world.untilStates(requestId, ['dispatched', 'rejected']);
  expect(world.events(requestId).map(({ redrivenAt }) => redrivenAt)).toEqual([undefined, undefined]);
  answer = accepted;
  const redrivenAt = await redrive();
  await world.untilStates(requestId, ['dispatched', 'rejected', 'dispatched', 'delivered']);
  expect(world.events(requestId).slice(2)).toMatchObject([{ redrivenAt }, { redrivenAt }]);
});

test.each([
  ['still waits', unreachable, ['dispatched', 'waiting', 'waiting'], 'has not ended'],
  ['was delivered', accepted, ['dispatched', 'delivered', 'superseded'], 'was delivered'],
] as const)(
  'a redrive of a command that %s says that it joins its earlier life',
  async (_, answer, states, why) => {
    const deliverer = createFakeDeliverer(() => answer);
    await world.start(deliverer, { retry: rarely });
    const requestId = await world.push({});
    await world.untilStates(requestId, states.slice(0, 2));
    const redrivenAt = await redrive();
    await world.untilStates(requestId, states);
    const reason = `joins its earlier life, which ${why}`;
    expect(world.events(requestId).at(-1)).toMatchObject({ behind: requestId, redrivenAt, reason });
    expect(deliverer.attempts).toHaveLength(1);
  },
);

test('a command of which nothing was sent is not dispatched, and its first message is no repeat', async () => {
  const answers = [notAsked, notAsked, unreachable];
  const deliverer = createFakeDeliverer(() => answers.shift() ?? accepted);
  await world.start(deliverer);
  const requestId = await world.push({});
  await world.untilStates(requestId, [
    ...['waiting', 'waiting', 'dispatched', 'waiting'],
    ...['dispatched', 'delivered'],
  ]);
  expect(deliverer.attempts.map(({ context }) => context.mayBeRepeat)).toEqual([false, false, false, true]);
});

test('a command of which nothing was sent cannot have been executed', async () => {
  let nowMs = Date.now();
  const deliverer = createFakeDeliverer(() => notAsked);
  const connector = await world.start(deliverer, { retry: rarely, clock: () => nowMs });
  const requestId = await world.push({ expiresAt: new Date(nowMs + 1_000) });
  await expect.poll(() => connector.status().waiting).toBe(1);
  nowMs += 1_001;
  deliverer.port.reachable('d1');
  await world.untilStates(requestId, ['waiting', 'expired']);
  expect(world.events(requestId).at(-1)?.mayBeExecuted).toBeUndefined();
});

test('what the next connector takes over is a repeat only if it was sent', async () => {
  const first = await world.start(
    createFakeDeliverer(({ deviceId }) => (deviceId === 'd1' ? notAsked : unreachable)),
    { retry: { ...rarely, maxAttempts: 1 } },
  );
  for (const deviceId of ['d1', 'd2']) await world.push({ deviceId });
  await expect.poll(() => first.status().waiting).toBe(2);
  await first.close();
  const second = createFakeDeliverer();
  await world.start(second);
  await expect.poll(() => second.accepted()).toHaveLength(2);
  const repeats = second.attempts.map(({ command, context }) => [command.deviceId, context.mayBeRepeat]);
  expect(repeats.toSorted()).toEqual([
    ['d1', false],
    ['d2', true],
  ]);
});
