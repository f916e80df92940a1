import type { DeliveryResult, DevicePresence } from '@preservarium/deliverer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFakeDeliverer, type FakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createStateDirs } from '../test/state-dirs.js';
import { createWorld, type World } from '../test/world.js';

const byGateway: DeliveryResult = { kind: 'delivered', evidence: 'gateway' };
/** Nothing is sent again before the test says so. */
const rarely = { baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
const required = { presence: 'require', retry: rarely } as const;

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

function say(deliverer: FakeDeliverer, said: DevicePresence, deviceId = 'd1'): void {
  deliverer.port.presence?.(deviceId, said);
}

describe('presence that is required', () => {
  test('nothing is sent to a device that is away, and all of it in order when it is present', async () => {
    const deliverer = createFakeDeliverer();
    const connector = await world.start(deliverer, required);
    say(deliverer, 'away');
    const ids = [await world.push({ note: 'first' }), await world.push({ note: 'second' })];
    const other = await world.push({ deviceId: 'd2', note: 'other' });
    await world.untilStates(other, ['dispatched', 'delivered']);
    for (const id of ids) await world.untilStates(id, ['waiting']);
    expect(ids.map((id) => world.events(id)[0]?.reason)).toEqual(['away', 'away']);
    await world.until(() => world.uncommitted(), 0);
    expect(deliverer.accepted()).toEqual(['other']);
    say(deliverer, 'present');
    await world.until(() => deliverer.accepted('d1'), ['first', 'second']);
    for (const id of ids) await world.untilStates(id, ['waiting', 'dispatched', 'delivered']);
    expect(deliverer.attempts.every(({ context }) => !context.mayBeRepeat)).toBe(true);
    await world.until(() => connector.status().waiting, 0);
  });

  test.each(['report', 'reported', 'reachable'] as const)(
    'any other sign of the device shows that it is not away: %s',
    async (sign) => {
      const deliverer = createFakeDeliverer();
      await world.start(deliverer, required);
      say(deliverer, 'away');
      const requestId = await world.push({ note: 'first' });
      await world.untilStates(requestId, ['waiting']);
      const { port } = deliverer;
      if (sign === 'report') await port.report({ deviceId: 'd1', requestId: 'other', state: 'succeeded' });
      else if (sign === 'reported') await port.reported('d1', {});
      else port.reachable('d1');
      await world.untilStates(requestId, ['waiting', 'dispatched', 'delivered']);
    },
  );

  test('a device of which nothing is known any more is tried', async () => {
    const deliverer = createFakeDeliverer();
    await world.start(deliverer, required);
    say(deliverer, 'away');
    const requestId = await world.push({});
    await world.untilStates(requestId, ['waiting']);
    say(deliverer, 'unknown');
    await world.untilStates(requestId, ['waiting', 'dispatched', 'delivered']);
  });

  test('a device that goes away while another one holds it up is not sent to', async () => {
    const held = Promise.withResolvers<DeliveryResult>();
    const deliverer = createFakeDeliverer(({ deviceId }) => (deviceId === 'd1' ? held.promise : byGateway));
    const connector = await world.start(deliverer, { ...required, limits: { maxConcurrentDeliveries: 1 } });
    await world.push({ note: 'holds' });
    await world.until(() => deliverer.attempts.length, 1);
    const requestId = await world.push({ deviceId: 'd2' });
    await world.until(() => connector.status().inFlight, 2);
    say(deliverer, 'away', 'd2');
    held.resolve(byGateway);
    await world.untilStates(requestId, ['waiting']);
    expect(deliverer.attempts).toHaveLength(1);
  });

  test('a command whose device goes away before it answers is sent again when it is present, as a repeat', async () => {
    const deliverer = createFakeDeliverer(() => byGateway);
    await world.start(deliverer, { presence: 'require' });
    const soon = { requiredEvidence: 'executed', answerWithinMs: 1 } as const;
    const requestId = await world.push({ note: 'first', ...soon });
    await world.until(() => world.states(requestId).includes('delivered'), true);
    say(deliverer, 'away');
    await world.until(() => world.states(requestId).at(-1), 'waiting');
    const sent = deliverer.attempts.length;
    const second = await world.push({ note: 'second' });
    await world.untilStates(second, ['waiting']);
    expect(deliverer.attempts).toHaveLength(sent);
    say(deliverer, 'present');
    await world.until(() => deliverer.attempts.length > sent, true);
    expect(deliverer.attempts[sent]?.context.mayBeRepeat).toBe(true);
  });

  test('what is away expires, is cancelled and superseded without an attempt', async () => {
    let nowMs = Date.now();
    const deliverer = createFakeDeliverer();
    await world.start(deliverer, { ...required, clock: () => nowMs });
    say(deliverer, 'away');
    const expiring = await world.push({ expiresAt: new Date(nowMs + 3_600_000) });
    const cancelled = await world.push({});
    const older = await world.push({ supersedeKey: 'angle' });
    const newer = await world.push({ supersedeKey: 'angle', note: 'newer' });
    for (const id of [expiring, cancelled, newer]) await world.untilStates(id, ['waiting']);
    await world.service.cancelCommand({ deviceId: 'd1', requestId: cancelled });
    await world.untilStates(cancelled, ['waiting', 'cancelled']);
    await world.untilStates(older, ['waiting', 'superseded']);
    nowMs += 3_600_001;
    say(deliverer, 'present');
    await world.untilStates(expiring, ['waiting', 'expired']);
    await world.untilStates(newer, ['waiting', 'dispatched', 'delivered']);
    expect(deliverer.accepted()).toEqual(['newer']);
    for (const id of [expiring, cancelled, older]) {
      expect(world.events(id).at(-1)?.mayBeExecuted).toBeUndefined();
    }
  });

  test('survives a restart with the store, and is forgotten where it is not required', async () => {
    using dirs = createStateDirs();
    const stateDir = dirs.take();
    const first = createFakeDeliverer();
    const before = await world.start(first, { ...required, stateDir });
    say(first, 'away');
    await before.close();
    const second = createFakeDeliverer();
    const again = await world.start(second, { ...required, stateDir });
    const requestId = await world.push({ note: 'first' });
    await world.untilStates(requestId, ['waiting']);
    await again.close();
    const third = createFakeDeliverer();
    const observing = await world.start(third, { stateDir });
    await world.untilStates(requestId, ['waiting', 'dispatched', 'delivered']);
    await observing.close();
    const fourth = createFakeDeliverer();
    await world.start(fourth, { ...required, stateDir });
    await world.push({ note: 'second' });
    await world.until(() => fourth.accepted(), ['second']);
    expect(second.attempts).toEqual([]);
  });

  test('a device that came back while the connector did not run is tried when the connector starts', async () => {
    using dirs = createStateDirs();
    const stateDir = dirs.take();
    const first = createFakeDeliverer();
    const before = await world.start(first, { ...required, stateDir });
    say(first, 'away');
    const requestId = await world.push({});
    await world.untilStates(requestId, ['waiting']);
    await world.until(() => world.uncommitted(), 0);
    await before.close();
    const second = createFakeDeliverer();
    const { start } = second;
    second.start = async (port, options) => {
      await start(port, options);
      say(second, 'present');
    };
    await world.start(second, { ...required, stateDir });
    await world.untilStates(requestId, ['waiting', 'dispatched', 'delivered']);
  });

  test('survives that the partition goes to another connector and comes back', async () => {
    const deliverer = createFakeDeliverer();
    const first = await world.start(deliverer, required);
    say(deliverer, 'away');
    const requestId = await world.push({ note: 'first' });
    await world.untilStates(requestId, ['waiting']);
    const other = createFakeDeliverer(() => unreachable);
    const second = await world.start(other, required);
    say(other, 'away');
    await second.close();
    await expect.poll(() => first.status().partitions).toHaveLength(2);
    await world.push({ deviceId: 'd2', note: 'other' });
    await world.until(() => deliverer.accepted(), ['other']);
    say(deliverer, 'present');
    await world.until(() => deliverer.accepted('d1'), ['first']);
    expect(other.attempts).toEqual([]);
  });
});

describe('presence that is not required', () => {
  test('observe: a device that is away is tried, and one that is present is tried at once', async () => {
    let isThere = false;
    const deliverer = createFakeDeliverer(() => (isThere ? byGateway : unreachable));
    await world.start(deliverer, { retry: { ...rarely, maxAttempts: 1 } });
    say(deliverer, 'away');
    const requestId = await world.push({});
    await world.untilStates(requestId, ['dispatched', 'waiting']);
    isThere = true;
    say(deliverer, 'unknown');
    say(deliverer, 'present');
    await world.untilStates(requestId, ['dispatched', 'waiting', 'dispatched', 'delivered']);
  });

  test('off: the deliverer is not asked for it', async () => {
    const deliverer = createFakeDeliverer();
    await world.start(deliverer, { presence: 'off' });
    expect(deliverer.port.presence).toBeUndefined();
  });
});
