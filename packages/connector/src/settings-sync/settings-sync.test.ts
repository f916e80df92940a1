import { createMemoryBackend } from '@preservarium/backend-memory';
import {
  BackendUnavailableError,
  decodeCommand,
  type JsonObject,
  PublishFailedError,
  ValidationError,
} from '@preservarium/core';
import type { DeliveryResult, ReportOutcome } from '@preservarium/deliverer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accepted, createFakeDeliverer, unreachable } from '../../test/fake-deliverer.js';
import { createFakeSettingsStore } from '../../test/fake-settings-store.js';
import { createWorld, type World } from '../../test/world.js';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

/** A device that takes what it is sent, and answers with it. */
function takes({ payload }: { readonly payload: JsonObject }): DeliveryResult {
  return { kind: 'delivered', evidence: 'device', result: payload };
}

/** The settings commands in Kafka. */
function commands(deviceId?: string) {
  return world.broker.records('device_commands').flatMap(({ value }) => {
    const decoded = decodeCommand(value);
    if (!decoded.ok) throw new Error(decoded.message);
    const { command } = decoded;
    return deviceId === undefined || command.deviceId === deviceId ? [command] : [];
  });
}

describe('what is desired', () => {
  test('becomes a command with what the device lacks; its answer is what it reports, and nothing more is sent', async () => {
    const store = createFakeSettingsStore();
    const deliverer = createFakeDeliverer(takes);
    await world.start(deliverer, { settings: store });
    store.desire('d1', { a: 1, b: 2 });
    await expect.poll(() => store.reported('d1')).toEqual({ a: 1, b: 2 });
    store.desire('d1', { a: 1, b: 3 });
    await expect.poll(() => store.reported('d1')).toEqual({ a: 1, b: 3 });
    deliverer.port.reachable('d1');
    await expect.poll(() => world.uncommitted()).toBe(0);
    expect(deliverer.attempts.map(({ command }) => command)).toMatchObject([
      {
        commandType: 'settings',
        supersedeKey: 'settings',
        payload: { a: 1, b: 2 },
        metadata: { desired_version: 0 },
      },
      { commandType: 'settings', payload: { b: 3 }, metadata: { desired_version: 2 } },
    ]);
    expect(deliverer.cleared).toEqual(['d1', 'd1']);
  });

  test('of many devices does not keep the event loop from its other work', async () => {
    let turns = 0;
    const seenTurns: number[] = [];
    /** As a decoder does: the event loop stands still. */
    function compute() {
      seenTurns.push(turns);
      const endsAtMs = performance.now() + 11;
      while (performance.now() < endsAtMs);
      setImmediate(() => {
        turns += 1;
      });
    }
    const store = createFakeSettingsStore();
    for (let index = 0; index < 5; index++) store.desire(`d${index}`, { a: 1 });
    let isFirst = true;
    await world.start(
      // They stay out of sync.
      createFakeDeliverer(() => unreachable),
      {
        settings: {
          ...store,
          *outOfSync() {
            const isCounted = isFirst;
            isFirst = false;
            for (const settings of store.outOfSync()) {
              if (isCounted) compute();
              yield settings;
            }
          },
        },
      },
    );
    await expect.poll(() => seenTurns.length).toBe(5);
    expect(new Set(seenTurns).size).toBe(5);
  });

  test('while the device sleeps, only the last of several changes gets to it', async () => {
    let isAsleep = true;
    const store = createFakeSettingsStore();
    const deliverer = createFakeDeliverer((command) => (isAsleep ? unreachable : takes(command)));
    const connector = await world.start(deliverer, {
      settings: store,
      retry: { maxAttempts: 1, baseDelayMs: 5 },
    });
    store.desire('d1', { a: 1 });
    await expect.poll(() => connector.status().waiting).toBe(1);
    store.desire('d1', { a: 2 });
    const [older, newer] = await expect
      .poll(() => commands('d1'))
      .toHaveLength(2)
      .then(() => commands('d1'));
    await expect.poll(() => world.states(older?.requestId ?? '')).toContain('superseded');
    isAsleep = false;
    deliverer.port.reachable('d1');
    await expect.poll(() => store.reported('d1')).toEqual({ a: 2 });
    const delivered = world.events().filter(({ state }) => state === 'delivered');
    expect(delivered.map(({ requestId }) => requestId)).toEqual([newer?.requestId]);
  });

  test('what was desired before the connector started is sent, and what waits already is not sent twice', async () => {
    const store = createFakeSettingsStore();
    const retry = { maxAttempts: 1, baseDelayMs: 5 };
    store.desire('d1', { a: 1 });
    const asleep = createFakeDeliverer(() => unreachable);
    const first = await world.start(asleep, { settings: store, retry });
    await expect.poll(() => first.status().waiting).toBe(1);
    await first.close({ timeoutMs: 500 });

    const awake = createFakeDeliverer(takes);
    await world.start(awake, { settings: store, retry });
    await expect.poll(() => store.reported('d1')).toEqual({ a: 1 });
    await expect.poll(() => world.uncommitted()).toBe(0);
    expect(awake.accepted()).toHaveLength(1);
  });

  test('each device is sent its settings by one connector of a group, and those of other protocols by none', async () => {
    const store = createFakeSettingsStore();
    const others = createFakeSettingsStore('coap');
    const deliverers = [createFakeDeliverer(takes), createFakeDeliverer(takes)];
    for (const deliverer of deliverers) await world.start(deliverer, { settings: store });
    await world.start(createFakeDeliverer(), { settings: others, groupId: 'another' });
    others.desire('coap device', { a: 1 });
    const deviceIds = Array.from({ length: 50 }, (_, index) => `d${index}`);
    for (const deviceId of deviceIds) store.desire(deviceId, { a: 1 });
    await expect.poll(() => deviceIds.every((deviceId) => store.reported(deviceId).a === 1)).toBe(true);
    expect(
      commands()
        .map(({ deviceId }) => deviceId)
        .sort(),
    ).toEqual([...deviceIds].sort());
    for (const deliverer of deliverers) expect(deliverer.attempts.length).toBeGreaterThan(0);
  });

  test('a device that never takes them is sent them five times at most', async () => {
    const store = createFakeSettingsStore();
    let reports = 0;
    const deliverer = createFakeDeliverer(() => ({ ...accepted, result: { other: reports++ } }));
    await world.start(deliverer, { settings: store });
    store.desire('d1', { a: 1 });
    await expect.poll(() => deliverer.attempts.length).toBe(5);
    for (let count = 0; count < 10; count++) await deliverer.port.reported('d1', { other: -count });
    store.desire('d2', { a: 1 });
    await expect.poll(() => commands('d2').length).toBeGreaterThan(0);
    expect(commands('d1')).toHaveLength(5);
    store.desire('d1', { a: 2 });
    await expect.poll(() => commands('d1').length).toBeGreaterThan(5);
  });

  test('what died on the way is sent again when the device is there', async () => {
    const store = createFakeSettingsStore();
    const deliverer = createFakeDeliverer((command) =>
      commands().length === 1 ? unreachable : takes(command),
    );
    await world.start(deliverer, {
      settings: store,
      retry: { maxAttempts: 1, baseDelayMs: 1, maxWaitMs: 1 },
    });
    store.desire('d1', { a: 1 });
    await expect.poll(() => world.events().map(({ state }) => state)).toContain('dead');
    expect(deliverer.port.reachable('d1')).toBe(true);
    await expect.poll(() => store.reported('d1')).toEqual({ a: 1 });
  });

  test('what Kafka does not take is sent later, and what it never takes stops nothing', async () => {
    const store = createFakeSettingsStore();
    const deliverer = createFakeDeliverer(takes);
    const inner = createMemoryBackend({ broker: world.broker });
    const failures = [new BackendUnavailableError('down'), new PublishFailedError('no')];
    await world.start(deliverer, {
      settings: store,
      backend: {
        ...inner,
        async publish(records, options) {
          if (records[0]?.topic !== 'device_commands') return inner.publish(records, options);
          const error = failures.shift();
          return error === undefined ? inner.publish(records, options) : [{ ok: false, error }];
        },
      },
    });
    store.desire('d1', { a: 1 });
    await expect.poll(() => failures.length, { timeout: 10_000 }).toBe(0);
    store.desire('d1', { a: 2 });
    await expect.poll(() => store.reported('d1')).toEqual({ a: 2 });
  });
});

describe('what devices report', () => {
  test('ends what is still on its way when the device has it', async () => {
    const store = createFakeSettingsStore();
    const deliverer = createFakeDeliverer(() => unreachable);
    const connector = await world.start(deliverer, {
      settings: store,
      retry: { maxAttempts: 1, baseDelayMs: 5 },
    });
    store.desire('d1', { a: 1 });
    await expect.poll(() => connector.status().waiting).toBe(1);
    await deliverer.port.reported('d1', { a: 1 });
    await expect.poll(() => world.events().map(({ state }) => state)).toContain('cancelled');
    expect(connector.status().waiting).toBe(0);
  });

  test('in the answer to a settings command that was delivered before', async () => {
    const store = createFakeSettingsStore();
    const deliverer = createFakeDeliverer();
    await world.start(deliverer, { settings: store });
    store.desire('d1', { a: 1 });
    await expect.poll(() => deliverer.attempts.length).toBe(1);
    const requestId = deliverer.attempts[0]?.command.requestId ?? '';
    await deliverer.port.report({
      deviceId: 'd1',
      requestId: 'another',
      state: 'succeeded',
      result: { a: 0 },
    });
    await deliverer.port.report({ deviceId: 'd1', requestId, state: 'succeeded', result: { a: 1 } });
    expect(store.reported('d1')).toEqual({ a: 1 });
  });

  test('is not taken from a gateway', async () => {
    const store = createFakeSettingsStore();
    const deliverer = createFakeDeliverer(({ payload }) => ({
      kind: 'delivered',
      evidence: 'gateway',
      result: payload,
    }));
    await world.start(deliverer, { settings: store });
    store.desire('d1', { a: 1 });
    await expect.poll(() => world.events().map(({ state }) => state)).toContain('delivered');
    expect(store.reported('d1')).toEqual({});
  });

  test('is kept when Kafka is there again, and dropped where it never can be', async () => {
    const store = createFakeSettingsStore();
    const deliverer = createFakeDeliverer();
    const warnings: unknown[] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (...said: unknown[]) => warnings.push(said) };
    await world.start(deliverer, { settings: store, logger });
    store.failures.push(new BackendUnavailableError('down'));
    expect(await deliverer.port.reported('d1', { a: 1 })).toEqual({ kind: 'kept' });
    expect(store.reported('d1')).toEqual({ a: 1 });
    const issues = Array.from({ length: 8_000 }, (_, index) => ({
      path: `a[${index}]`,
      message: 'too deep',
    }));
    store.failures.push(new ValidationError('settings', issues));
    const outcome = await deliverer.port.reported('d1', { a: 2 });
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('a[0]: too deep') });
    expect(store.reported('d1')).toEqual({ a: 1 });
    expect(warnings).toHaveLength(2);
    expect(JSON.stringify(warnings[1]).length).toBeLessThan(1_000);
  });

  test('is answered with what the store says of it', async () => {
    const store = createFakeSettingsStore();
    const deliverer = createFakeDeliverer();
    await world.start(deliverer, { settings: store });
    const outcomes: ReportOutcome[] = [
      { kind: 'refused', reason: 'unknown device' },
      { kind: 'later', afterMs: 5_000 },
    ];
    for (const outcome of outcomes) {
      store.outcomes.push(outcome);
      expect(await deliverer.port.reported('d1', { a: 1 })).toEqual(outcome);
    }
    expect(store.reported('d1')).toEqual({});
  });

  test('that is not kept when the connector stops may come again later', async () => {
    const store = createFakeSettingsStore();
    const deliverer = createFakeDeliverer();
    const connector = await world.start(deliverer, { settings: store });
    store.failures.push(new BackendUnavailableError('down'));
    const reporting = deliverer.port.reported('d1', { a: 1 });
    await connector.close({ timeoutMs: 100 });
    expect(await reporting).toMatchObject({ kind: 'later' });
  });
});

test('a connector without settings refuses what devices report, and says so', async () => {
  const deliverer = createFakeDeliverer();
  const warnings: unknown[] = [];
  const logger = { debug() {}, info() {}, error() {}, warn: (...said: unknown[]) => warnings.push(said) };
  await world.start(deliverer, { logger });
  expect(await deliverer.port.reported('d1', { a: 1 })).toMatchObject({ kind: 'refused' });
  expect(warnings).toHaveLength(1);
});

test('the connector closes the settings, and ends when they cannot go on', async () => {
  const store = createFakeSettingsStore();
  const connector = await world.start(createFakeDeliverer(), { settings: store });
  store.fail(new PublishFailedError('too many devices'));
  await expect(connector.closed).rejects.toMatchObject({ message: 'too many devices' });
  expect(connector.isReady()).toBe(false);
  await connector.close({ timeoutMs: 500 });
  expect(store.isClosed).toBe(true);
});
