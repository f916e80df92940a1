import { headerText } from '@preservarium/backend';
import type { DeliveryResult } from '@preservarium/deliverer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCrashableBackend } from '../test/crashable-backend.js';
import { accepted, createFakeDeliverer, type FakeDeliverer } from '../test/fake-deliverer.js';
import { createWorld, left, type World } from '../test/world.js';
import type { Connector, ConnectorOptions } from './index.js';

const byGateway: DeliveryResult = { kind: 'delivered', evidence: 'gateway' };
/** Nothing is sent again before the test says so. */
const rarely = { baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
const slowly = { requiredEvidence: 'executed', answerWithinMs: 3_600_000 } as const;
const soon = { requiredEvidence: 'executed', answerWithinMs: 1 } as const;

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

const reportOf = (requestId: string, state: 'delivered' | 'succeeded' | 'failed' = 'succeeded') => ({
  deviceId: 'd1',
  requestId,
  state,
});

describe('a command that requires an answer', () => {
  test('ends by it: until then its device waits, and no other one does', async () => {
    const deliverer = createFakeDeliverer(() => byGateway);
    await world.start(deliverer, { limits: { maxConcurrentDeliveries: 1 } });
    const first = await world.push({ note: 'first', ...slowly });
    await world.push({ note: 'second' });
    await world.push({ deviceId: 'd2', note: 'other' });
    await world.untilStates(first, ['dispatched', 'delivered']);
    await world.until(() => deliverer.accepted('d2'), ['other']);
    expect(deliverer.accepted('d1')).toEqual(['first']);
    await deliverer.port.report({ ...reportOf(first), result: { angle: 90 } });
    expect(world.events(first)).toMatchObject([
      { state: 'dispatched' },
      { state: 'delivered', evidence: 'gateway' },
      { state: 'succeeded', evidence: 'executed', result: { angle: 90 }, attempt: 1 },
    ]);
    await world.until(() => deliverer.accepted('d1'), ['first', 'second']);
    await world.until(() => world.uncommitted(), 0);
  });

  test.each([
    ['device', 'delivered', 'device'],
    ['device', 'failed', 'executed'],
    ['executed', 'failed', 'executed'],
  ] as const)('%s ends by the report %s', async (requiredEvidence, state, evidence) => {
    const deliverer = createFakeDeliverer(() => byGateway);
    const connector = await world.start(deliverer);
    const requestId = await world.push({ ...slowly, requiredEvidence });
    await world.untilStates(requestId, ['dispatched', 'delivered']);
    await deliverer.port.report(reportOf(requestId, state));
    expect(world.events(requestId).at(-1)).toMatchObject({ state, evidence });
    expect(left(connector)).toBe(0);
    await world.until(() => world.uncommitted(), 0);
  });

  test('executed does not end by the acknowledgement of the device', async () => {
    const deliverer = createFakeDeliverer();
    const connector = await world.start(deliverer);
    const requestId = await world.push(slowly);
    await world.untilStates(requestId, ['dispatched', 'delivered']);
    await deliverer.port.report(reportOf(requestId, 'delivered'));
    expect(left(connector)).toBe(1);
    await deliverer.port.report(reportOf(requestId));
    expect(left(connector)).toBe(0);
    await world.until(() => world.uncommitted(), 0);
  });

  test('device ends by the acknowledgement of the attempt itself', async () => {
    const deliverer = createFakeDeliverer(() => accepted);
    await world.start(deliverer);
    const requestId = await world.push({ ...slowly, requiredEvidence: 'device' });
    await world.untilStates(requestId, ['dispatched', 'delivered']);
    await world.until(() => world.uncommitted(), 0);
  });

  test('ends by an answer that comes before the gateway acknowledges the message', async () => {
    const acknowledged = Promise.withResolvers<DeliveryResult>();
    const deliverer = createFakeDeliverer(({ payload }) =>
      payload.note === 'first' ? acknowledged.promise : byGateway,
    );
    await world.start(deliverer);
    const first = await world.push({ note: 'first', ...slowly });
    await world.push({ note: 'second' });
    await world.untilStates(first, ['dispatched']);
    await deliverer.port.report(reportOf(first));
    acknowledged.resolve(byGateway);
    await world.until(() => deliverer.accepted('d1'), ['first', 'second']);
    expect(world.states(first)).toEqual(['dispatched', 'succeeded']);
    await world.until(() => world.uncommitted(), 0);
  });

  test('does not end by a report before anything was sent', async () => {
    const deliverer = createFakeDeliverer(() => byGateway);
    await world.start(deliverer);
    const first = await world.push({ note: 'first', ...slowly });
    const second = await world.push({ note: 'second', ...slowly });
    await world.untilStates(first, ['dispatched', 'delivered']);
    await deliverer.port.report(reportOf(second));
    await deliverer.port.report(reportOf(first));
    await world.until(() => deliverer.accepted('d1'), ['first', 'second']);
  });

  test('is required by the connector of commands that name no evidence', async () => {
    const deliverer = createFakeDeliverer(() => byGateway);
    const connector = await world.start(deliverer, { proof: { evidence: 'device' } });
    const requestId = await world.push({});
    const other = await world.push({ deviceId: 'd2', requiredEvidence: 'gateway' });
    await world.untilStates(other, ['dispatched', 'delivered']);
    const settings = await world.push({ deviceId: 'd3', commandType: 'settings', supersedeKey: 'settings' });
    await world.untilStates(settings, ['dispatched', 'delivered']);
    await world.untilStates(requestId, ['dispatched', 'delivered']);
    await world.until(() => left(connector), 1);
    await deliverer.port.report(reportOf(requestId, 'delivered'));
    expect(left(connector)).toBe(0);
    await world.until(() => world.uncommitted(), 0);
  });
});

describe('an answer that another connector reads', () => {
  /** Two connectors of a group: the one that has sent the command, and the other one. */
  async function startTwo(options: Partial<ConnectorOptions> = {}) {
    const deliverers = [createFakeDeliverer(() => byGateway), createFakeDeliverer(() => byGateway)];
    const connectors: Connector[] = [];
    for (const deliverer of deliverers) connectors.push(await world.start(deliverer, options));
    const isShared = () => connectors.every((connector) => connector.status().partitions.length === 1);
    await expect.poll(isShared).toBe(true);
    const requestId = await world.push({
      note: 'first',
      ...soon,
      answerWithinMs: options.retry ? 1 : 3_600_000,
    });
    await expect.poll(() => deliverers.filter(({ attempts }) => attempts.length === 1)).toHaveLength(1);
    await expect.poll(() => world.states(requestId)).toContain('delivered');
    const [other] = deliverers.filter(({ attempts }) => attempts.length === 0);
    return { requestId, other: other as FakeDeliverer, deliverers };
  }

  test('ends the command at its owner, with one event', async () => {
    const { requestId, other } = await startTwo();
    await other.port.report(reportOf(requestId));
    await world.until(() => world.uncommitted(), 0);
    expect(world.states(requestId)).toEqual(['dispatched', 'delivered', 'succeeded']);
  });

  test('ends a command that waits', async () => {
    const { requestId, other, deliverers } = await startTwo({ retry: rarely });
    await world.untilStates(requestId, ['dispatched', 'delivered', 'waiting']);
    await world.push({ note: 'second' });
    await other.port.report(reportOf(requestId));
    await world.until(() => deliverers.flatMap((deliverer) => deliverer.accepted('d1')), ['first', 'second']);
    expect(world.states(requestId)).toEqual(['dispatched', 'delivered', 'waiting', 'succeeded']);
  });
});

describe('an answer that is read after the owner of its command has crashed', () => {
  /** The owner has sent the command and is dead, which its group notices only when the test says so. */
  async function startAndKill(options: Partial<ConnectorOptions>, states: readonly string[]) {
    const crashing = [createCrashableBackend(world.broker), createCrashableBackend(world.broker)];
    const deliverers = crashing.map(() => createFakeDeliverer(() => byGateway));
    const connectors: Connector[] = [];
    for (const [index, { backend }] of crashing.entries()) {
      connectors.push(await world.start(deliverers[index] as FakeDeliverer, { backend, ...options }));
    }
    const isShared = () => connectors.every((connector) => connector.status().partitions.length === 1);
    await expect.poll(isShared).toBe(true);
    const requestId = await world.push(options.retry ? soon : slowly);
    await world.untilStates(requestId, states);
    const owner = deliverers.findIndex(({ attempts }) => attempts.length === 1);
    crashing[owner]?.die();
    return {
      requestId,
      next: deliverers[1 - owner] as FakeDeliverer,
      leaveGroup: async () => crashing[owner]?.crash(),
    };
  }

  const answersInChangelog = () =>
    world.broker
      .records('device_commands_waiting')
      .filter(({ headers }) => headerText(headers, 'record-type') === 'answer').length;

  test.each([
    ['was in memory', {}, ['dispatched', 'delivered']],
    ['waited', { retry: rarely }, ['dispatched', 'delivered', 'waiting']],
  ] as const)('ends it where the command %s, and nothing is sent again', async (_, options, states) => {
    const { requestId, next, leaveGroup } = await startAndKill(options, states);
    await next.port.report(reportOf(requestId));
    await world.until(answersInChangelog, 1);
    await leaveGroup();
    await world.until(() => world.uncommitted(), 0);
    const behind = await world.push({ note: 'behind' });
    await world.untilStates(behind, ['dispatched', 'delivered']);
    expect(next.accepted()).toEqual(['behind']);
    expect(world.states(requestId)).toEqual([...states, 'succeeded']);
  });
});

describe('without an answer', () => {
  test('the command is sent again, marked as a repeat', async () => {
    const deliverer = createFakeDeliverer((_, { attempt }) => (attempt === 1 ? byGateway : accepted));
    await world.start(deliverer);
    const requestId = await world.push({ ...soon, requiredEvidence: 'device' });
    await world.untilStates(requestId, [
      ...['dispatched', 'delivered', 'waiting'],
      ...['dispatched', 'delivered'],
    ]);
    expect(deliverer.attempts.map(({ context }) => context.mayBeRepeat)).toEqual([false, true]);
  });

  test('it waits in the ledger until the device shows itself', async () => {
    const deliverer = createFakeDeliverer((_, { attempt }) => (attempt === 1 ? byGateway : accepted));
    const connector = await world.start(deliverer, { retry: rarely });
    const first = await world.push({ note: 'first', ...soon, requiredEvidence: 'device' });
    const second = await world.push({ note: 'second' });
    await world.untilStates(first, ['dispatched', 'delivered', 'waiting']);
    expect(world.events(first).at(-1)?.reason).toBe('unanswered');
    await world.untilStates(second, ['waiting']);
    expect(world.events(second).at(-1)?.reason).toBe('earlier commands of the device wait');
    await world.until(() => world.uncommitted(), 0);
    deliverer.port.reachable('d1');
    await world.until(() => deliverer.accepted('d1'), ['first', 'first', 'second']);
    await world.until(() => connector.status().waiting, 0);
  });

  test('a late answer ends it in the ledger, and the next command goes out', async () => {
    const deliverer = createFakeDeliverer(() => byGateway);
    const connector = await world.start(deliverer, { retry: rarely });
    const first = await world.push({ note: 'first', ...soon });
    await world.push({ note: 'second' });
    await world.untilStates(first, ['dispatched', 'delivered', 'waiting']);
    await world.until(() => world.uncommitted(), 0);
    await deliverer.port.report(reportOf(first));
    await world.until(() => deliverer.accepted('d1'), ['first', 'second']);
    expect(world.states(first)).toEqual(['dispatched', 'delivered', 'waiting', 'succeeded']);
    await world.until(() => connector.status().waiting, 0);
  });

  test('it is awaited in the ledger where many devices are waited for, and sent once', async () => {
    const deliverer = createFakeDeliverer(() => byGateway);
    const limits = { maxInFlight: 2, maxConcurrentDeliveries: 1 };
    const connector = await world.start(deliverer, { limits });
    const ids: string[] = [];
    for (const deviceId of ['d1', 'd2', 'd3', 'd4', 'd5'])
      ids.push(await world.push({ deviceId, ...slowly }));
    await expect.poll(() => deliverer.accepted()).toHaveLength(5);
    await world.until(() => connector.status().waiting, 4);
    for (const deviceId of ['d1', 'd2', 'd3', 'd4', 'd5']) deliverer.port.reachable(deviceId);
    for (const [index, requestId] of ids.entries()) {
      await deliverer.port.report({ deviceId: `d${index + 1}`, requestId, state: 'succeeded' });
    }
    await world.until(() => connector.status().waiting, 0);
    await world.until(() => world.uncommitted(), 0);
    expect(deliverer.attempts).toHaveLength(5);
    expect(ids.map((requestId) => world.states(requestId).at(-1))).toEqual(ids.map(() => 'succeeded'));
  });

  test('it is sent again by the next connector after a crash, as a repeat, and ends by the answer to the first', async () => {
    const crashing = createCrashableBackend(world.broker);
    const first = createFakeDeliverer(() => byGateway);
    await world.start(first, { backend: crashing.backend });
    const requestId = await world.push(slowly);
    await world.untilStates(requestId, ['dispatched', 'delivered']);
    await crashing.crash();
    const second = createFakeDeliverer(() => new Promise<DeliveryResult>(() => {}));
    await world.start(second);
    await world.until(() => second.attempts.map(({ context }) => context.mayBeRepeat), [true]);
    await second.port.report(reportOf(requestId));
    await world.until(() => world.uncommitted(), 0);
  });
});

describe('a command that ends without its answer may have been executed', () => {
  const end = (requestId: string) => world.events(requestId).at(-1);

  test('cancelled', async () => {
    const deliverer = createFakeDeliverer(() => byGateway);
    await world.start(deliverer);
    const first = await world.push({ note: 'first', ...slowly });
    const second = await world.push({ note: 'second', ...slowly });
    await world.untilStates(first, ['dispatched', 'delivered']);
    await world.service.cancelCommand({ deviceId: 'd1', requestId: second });
    await world.untilStates(second, ['cancelled']);
    expect(end(second)?.mayBeExecuted).toBeUndefined();
    await world.service.cancelCommand({ deviceId: 'd1', requestId: first });
    await world.untilStates(first, ['dispatched', 'delivered', 'cancelled']);
    expect(end(first)?.mayBeExecuted).toBe(true);
    await world.until(() => world.uncommitted(), 0);
  });

  test('superseded: the newer one goes out at once', async () => {
    const deliverer = createFakeDeliverer(() => byGateway);
    await world.start(deliverer);
    const older = await world.push({ note: 'older', ...slowly, supersedeKey: 'angle' });
    await world.untilStates(older, ['dispatched', 'delivered']);
    await world.push({ note: 'newer', supersedeKey: 'angle' });
    await world.untilStates(older, ['dispatched', 'delivered', 'superseded']);
    expect(end(older)?.mayBeExecuted).toBe(true);
    await world.until(() => deliverer.accepted('d1'), ['older', 'newer']);
  });

  test('expired', async () => {
    const deliverer = createFakeDeliverer(() => byGateway);
    let nowMs = Date.now();
    await world.start(deliverer, { clock: () => nowMs, retry: rarely });
    const requestId = await world.push({ ...soon, expiresAt: new Date(nowMs + 3_600_000) });
    await world.untilStates(requestId, ['dispatched', 'delivered', 'waiting']);
    await world.until(() => world.uncommitted(), 0);
    nowMs += 3_600_001;
    deliverer.port.reachable('d1');
    await world.untilStates(requestId, ['dispatched', 'delivered', 'waiting', 'expired']);
    expect(end(requestId)).toMatchObject({ state: 'expired', mayBeExecuted: true });
  });
});

describe('a command that was sent and ends otherwise than at the gateway', () => {
  test('is withdrawn before the next one goes out', async () => {
    const withdrawnAtSend: unknown[] = [];
    const deliverer = createFakeDeliverer(() => {
      withdrawnAtSend.push([...deliverer.withdrawn]);
      return byGateway;
    });
    await world.start(deliverer);
    const answered = await world.push({ note: 'answered', ...slowly });
    await world.untilStates(answered, ['dispatched', 'delivered']);
    const cancelled = await world.push({ note: 'cancelled', ...slowly });
    await deliverer.port.report(reportOf(answered));
    await world.untilStates(cancelled, ['dispatched', 'delivered']);
    await world.push({ note: 'superseded', ...slowly, supersedeKey: 'angle' });
    await world.service.cancelCommand({ deviceId: 'd1', requestId: cancelled });
    await world.until(() => deliverer.accepted(), ['answered', 'cancelled', 'superseded']);
    await world.push({ note: 'by the gateway', supersedeKey: 'angle' });
    await world.until(() => deliverer.accepted().length, 4);
    await world.until(() => world.uncommitted(), 0);
    expect(deliverer.withdrawn).toEqual(['answered', 'cancelled', 'superseded']);
    expect(withdrawnAtSend).toEqual([0, 1, 2, 3].map((count) => deliverer.withdrawn.slice(0, count)));
  });

  test('is not, where it was never sent', async () => {
    const deliverer = createFakeDeliverer();
    await world.start(deliverer, { presence: 'require' });
    deliverer.port.presence?.('d1', 'away');
    const requestId = await world.push({});
    await world.untilStates(requestId, ['waiting']);
    await world.service.cancelCommand({ deviceId: 'd1', requestId });
    await world.untilStates(requestId, ['waiting', 'cancelled']);
    expect(deliverer.withdrawn).toEqual([]);
  });
});
