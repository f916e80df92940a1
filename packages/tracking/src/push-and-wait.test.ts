import type { Subscription } from '@preservarium/backend';
import { silentLogger } from '@preservarium/backend';
import { createCapabilities } from '@preservarium/capabilities';
import { BackendUnavailableError, type CommandState, defineCommand } from '@preservarium/core';
import type { PusherService } from '@preservarium/publisher';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { event } from '../test/events.js';
import { command, createWorld, eventsTopic } from '../test/world.js';
import { type AwaitedState, createTracker } from './index.js';

/** A push that is never acknowledged. */
const unanswered: Pick<PusherService, 'pushCommand'> = { pushCommand: () => new Promise(() => {}) };

describe('a wait ends', () => {
  test.each<[AwaitedState, CommandState]>([
    ['published', 'published'],
    ['dispatched', 'dispatched'],
    ['delivered', 'delivered'],
    ['delivered', 'succeeded'],
    ['delivered', 'failed'],
    ['succeeded', 'succeeded'],
  ])('for %s when the command is %s', async (until, state) => {
    const { tracker, service, write } = await createWorld();
    const waiting = tracker.pushAndWait(service, command(), { until });
    if (state !== 'published') await write(event(state));
    expect(await waiting).toMatchObject({ requestId: 'r1', deviceId: 'd1', state });
  });

  test.each<[AwaitedState, CommandState]>([
    ['dispatched', 'expired'],
    ['delivered', 'rejected'],
    ['delivered', 'dead'],
    ['succeeded', 'failed'],
    ['succeeded', 'cancelled'],
    ['succeeded', 'superseded'],
  ])('for %s with an error when the command is %s', async (until, state) => {
    const { tracker, service, write } = await createWorld();
    const waiting = tracker.pushAndWait(service, command(), { until });
    waiting.catch(() => {});
    await write(event(state, { reason: 'the valve is stuck' }));
    await expect(waiting).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: `command r1 of d1 is ${state}, and cannot reach ${until}: the valve is stuck`,
      lifecycle: { state },
    });
  });

  test('not before its state has come', async () => {
    const { tracker, service, write } = await createWorld();
    const waiting = tracker.pushAndWait(service, command(), { until: 'succeeded' });
    await write(event('dispatched'), event('waiting', { second: 1 }), event('delivered', { second: 2 }));
    await write(event('succeeded', { second: 3, result: { angle: 90 } }));
    const { state, result, events } = await waiting;
    expect({ state, result }).toEqual({ state: 'succeeded', result: { angle: 90 } });
    expect(events.map((each) => each.state)).toEqual(
      expect.arrayContaining(['dispatched', 'waiting', 'delivered', 'succeeded']),
    );
  });

  test('with an answer that comes before the brokers acknowledge the push', async () => {
    const { tracker, write } = await createWorld();
    const waiting = tracker.pushAndWait(unanswered, command(), { until: 'delivered' });
    await write(event('delivered'));
    expect(await waiting).toMatchObject({ state: 'delivered' });
  });

  test('with what is known already, without a second push', async () => {
    const { tracker, service, write, broker } = await createWorld();
    const first = tracker.pushAndWait(service, command(), { until: 'delivered' });
    await write(event('delivered'));
    await first;
    expect(await tracker.pushAndWait(service, command(), { until: 'delivered' })).toMatchObject({
      state: 'delivered',
    });
    expect(broker.records('device_commands')).toHaveLength(1);
  });

  test('with an error, and without a second push, where the command is known to have failed', async () => {
    const { tracker, service, write, broker } = await createWorld();
    const first = tracker.pushAndWait(service, command(), { until: 'succeeded' });
    await Promise.all([write(event('dispatched'), event('failed', { second: 1 })), first.catch(() => {})]);
    const again = tracker.pushAndWait(service, command(), { until: 'succeeded' });
    await expect(again).rejects.toMatchObject({ code: 'COMMAND_FAILED', lifecycle: { state: 'failed' } });
    expect(broker.records('device_commands')).toHaveLength(1);
  });

  test('at its deadline, with what is known', async () => {
    const { tracker, service, write } = await createWorld();
    const seen = tracker.watch({ states: ['dispatched'] });
    const waiting = tracker.pushAndWait(service, command(), { until: 'delivered', timeoutMs: 200 });
    waiting.catch(() => {});
    await write(event('dispatched'));
    await seen.next();
    await expect(waiting).rejects.toMatchObject({
      code: 'WAIT_TIMED_OUT',
      timeoutMs: 200,
      lifecycle: { state: 'dispatched' },
    });
  });

  test('at its deadline with no lifecycle where nothing is known', async () => {
    const { tracker } = await createWorld();
    const waiting = tracker.pushAndWait(unanswered, command(), { until: 'delivered', timeoutMs: 1 });
    await expect(waiting).rejects.toMatchObject({ code: 'WAIT_TIMED_OUT', lifecycle: undefined });
  });

  test('when its signal says so', async () => {
    const { tracker, service } = await createWorld();
    const controller = new AbortController();
    const options = { until: 'delivered', signal: controller.signal } as const;
    const waiting = tracker.pushAndWait(service, command(), options);
    waiting.catch(() => {});
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test('when the push fails', async () => {
    const { tracker, service, broker } = await createWorld();
    const waiting = tracker.pushAndWait(service, command({ deviceId: '' }), { until: 'delivered' });
    await expect(waiting).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(broker.records('device_commands')).toEqual([]);
  });

  test('when the tracker is closed, and none begins after that', async () => {
    const { tracker, service } = await createWorld();
    const waiting = tracker.pushAndWait(service, command(), { until: 'delivered' });
    waiting.catch(() => {});
    await tracker.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
    const late = tracker.pushAndWait(service, command(), { until: 'delivered' });
    await expect(late).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('when the backend is closed', async () => {
    const { tracker, service, backend } = await createWorld();
    const waiting = tracker.pushAndWait(service, command(), { until: 'delivered' });
    waiting.catch(() => {});
    await backend.close({ timeoutMs: 1_000 });
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('with the error of the backend when the subscription breaks', async () => {
    const broken = Promise.withResolvers<void>();
    const subscription: Subscription = {
      markProcessed() {},
      async commit() {},
      rejoin() {},
      isConnected: () => true,
      blocked: () => [],
      closed: broken.promise,
      async close() {},
    };
    const tracker = await createTracker({
      backend: { name: 'breaking', subscribe: async () => subscription, async close() {} },
    });
    const waiting = tracker.pushAndWait(unanswered, command(), { until: 'delivered' });
    const watched = tracker.watch().next();
    const error = new BackendUnavailableError('no broker answers');
    broken.reject(error);
    await expect(waiting).rejects.toBe(error);
    await expect(watched).rejects.toBe(error);
    expect(() => tracker.watch()).toThrow(error);
    await expect(tracker.pushAndWait(unanswered, command(), { until: 'delivered' })).rejects.toBe(error);
  });
});

test('events of another device than the command was pushed to do not end its wait', async () => {
  const { tracker, service, write } = await createWorld();
  await write(event('succeeded', { deviceId: 'thief' }));
  const waiting = tracker.pushAndWait(service, command(), { until: 'succeeded' });
  await write(event('failed', { deviceId: 'thief' }));
  await write(event('succeeded', { result: 'mine' }));
  expect(await waiting).toMatchObject({ deviceId: 'd1', result: 'mine' });
});

test('what is waited for is not forgotten, whatever else happens', async () => {
  const { tracker, service, write } = await createWorld({ limits: { maxUnfinished: 1 } });
  const waiting = tracker.pushAndWait(service, command(), { until: 'succeeded' });
  await write(event('dispatched'), event('delivered', { second: 1 }));
  const others = [1, 2, 3].map((index) => event('dispatched', { requestId: `other-${index}` }));
  for (const other of others) await write(other);
  await write(event('succeeded', { second: 2 }));
  const states = (await waiting).events.map(({ state }) => state);
  expect(states).toEqual(expect.arrayContaining(['dispatched', 'delivered', 'succeeded']));
});

test('what cannot be read is passed over, and logged once a minute', async () => {
  const logged: unknown[] = [];
  const logger = {
    ...silentLogger,
    warn: (fields: object, message: string) => logged.push({ ...fields, message }),
  };
  const { tracker, service, write, writeValues } = await createWorld({ logger });
  const waiting = tracker.pushAndWait(service, command(), { until: 'succeeded' });
  const values = ['', '[]', '{"request_id":"r1"}', '\xff'].map((text) => Buffer.from(text, 'latin1'));
  await writeValues(values.map((value) => ({ key: 'd1', value })));
  await write(event('succeeded'));
  expect(await waiting).toMatchObject({ state: 'succeeded' });
  expect(logged).toMatchObject([{ message: 'a lifecycle event cannot be read', count: 1 }]);
});

describe('the result of a command', () => {
  const readAngle = defineCommand('read_angle', {
    payload: z.object({}),
    result: z.object({ angle: z.number() }),
  });
  const input = readAngle({ requestId: 'r1', deviceId: 'd1', protocol: 'mqtt', payload: {} });

  test('is what the device answered', async () => {
    const { tracker, service, write } = await createWorld();
    const waiting = tracker.pushAndWait(service, input, { until: 'succeeded' });
    await write(event('succeeded', { result: { angle: 90 } }));
    expect(await waiting).toMatchObject({ result: { angle: 90 } });
  });

  test.each([{ angle: 'ninety' }, undefined])('is an error where it does not fit: %j', async (result) => {
    const { tracker, service, write } = await createWorld();
    const waiting = tracker.pushAndWait(service, input, { until: 'succeeded' });
    waiting.catch(() => {});
    await write(event('succeeded', { result }));
    await expect(waiting).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      lifecycle: { state: 'succeeded' },
      cause: { code: 'VALIDATION_FAILED' },
    });
  });

  test('is not asked for where the delivery is enough', async () => {
    const { tracker, service, write } = await createWorld();
    const waiting = tracker.pushAndWait(service, input, { until: 'delivered' });
    await write(event('delivered'));
    expect(await waiting).toMatchObject({ state: 'delivered', result: undefined });
  });
});

describe('with capabilities', () => {
  const readAngle = {
    result: { type: 'object', required: ['angle'], properties: { angle: { type: 'number' } } },
    timeoutMs: 300,
    mayBeRepeated: true,
  };
  const capabilities = createCapabilities({
    types: [{ name: 'valve', commands: { read_angle: readAngle }, settings: {} }],
    typeOf: (deviceId) => (deviceId === 'd1' ? 'valve' : undefined),
    unknownDevices: 'allow',
  });
  const input = command({ commandType: 'read_angle' });

  test('the result fits what is declared of the device', async () => {
    const { tracker, service, write } = await createWorld({ capabilities });
    const waiting = tracker.pushAndWait(service, input, { until: 'succeeded', timeoutMs: 10_000 });
    await write(event('succeeded', { result: { angle: 90 } }));
    expect(await waiting).toMatchObject({ result: { angle: 90 } });
  });

  test.each([{ angle: 'ninety' }, undefined])(
    'a result that does not fit is an error: %j',
    async (result) => {
      const { tracker, service, write } = await createWorld({ capabilities });
      const waiting = tracker.pushAndWait(service, input, { until: 'succeeded', timeoutMs: 10_000 });
      waiting.catch(() => {});
      await write(event('succeeded', { result }));
      await expect(waiting).rejects.toMatchObject({
        code: 'COMMAND_FAILED',
        lifecycle: { state: 'succeeded' },
        cause: { code: 'CAPABILITY_MISMATCH' },
      });
    },
  );

  test('the wait ends after the time that is declared, where it has none of its own', async () => {
    const { tracker, service } = await createWorld({ capabilities });
    const waiting = tracker.pushAndWait(service, input, { until: 'delivered' });
    await expect(waiting).rejects.toMatchObject({ code: 'WAIT_TIMED_OUT', timeoutMs: 300 });
    const hurried = tracker.pushAndWait(service, input, { until: 'delivered', timeoutMs: 1 });
    await expect(hurried).rejects.toMatchObject({ code: 'WAIT_TIMED_OUT', timeoutMs: 1 });
  });

  test('of a device without a type anything is taken', async () => {
    const { tracker, service, write } = await createWorld({ capabilities });
    const other = { ...input, deviceId: 'd2' };
    const waiting = tracker.pushAndWait(service, other, { until: 'succeeded', timeoutMs: 10_000 });
    await write(event('succeeded', { deviceId: 'd2', result: 'ninety' }));
    expect(await waiting).toMatchObject({ result: 'ninety' });
  });
});

test('of 10,000 waits at once none is lost, whatever the order of the events', async () => {
  const { tracker, service, write } = await createWorld();
  const waits = Array.from({ length: 10_000 }, (_, index) => {
    const given = command({ requestId: `r${index}`, deviceId: `d${index % 1_000}` });
    return tracker.pushAndWait(service, given, { until: 'succeeded', timeoutMs: 60_000 });
  });
  const events = waits.flatMap((_, index) => {
    const of = { requestId: `r${index}`, deviceId: `d${index % 1_000}` };
    const states = ['dispatched', 'delivered', 'succeeded', 'succeeded'] as const;
    return states.map((state, second) => event(state, { ...of, second, result: index }));
  });
  const [shuffled = []] = fc.sample(fc.shuffledSubarray(events, { minLength: events.length }), {
    numRuns: 1,
    seed: 5,
  });
  await write(...shuffled);
  const lifecycles = await Promise.all(waits);
  expect(lifecycles.map(({ state, result }) => `${state} ${String(result)}`)).toEqual(
    waits.map((_, index) => `succeeded ${index}`),
  );
}, 60_000);

test('a tracker reads only what is written after it began, and settles what it has read', async () => {
  const { broker, write } = await createWorld({ groupId: 'tracker' });
  await write(event('delivered'));
  const group = broker.group('tracker');
  const [record] = broker.records(eventsTopic);
  const place = { topic: eventsTopic, partition: record?.partition ?? -1 };
  await expect.poll(() => group.committed(place)).toBe(1);
});
