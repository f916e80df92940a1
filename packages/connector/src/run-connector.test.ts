import {
  type ConsumedRecord,
  headerText,
  headerTexts,
  type PublishRecord,
  silentLogger,
  textHeaders,
} from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { encodeCommand, parseCommand } from '@preservarium/core';
import type { DeliveryResult } from '@preservarium/deliverer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCrashableBackend } from '../test/crashable-backend.js';
import { accepted, createFakeDeliverer, unreachable } from '../test/fake-deliverer.js';
import { createWorld, type World } from '../test/world.js';
import type { ConnectorOptions } from './connector-options.js';

const textsOf = (record: ConsumedRecord | undefined) => headerTexts(record?.headers ?? []);

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

const hourMs = 3_600_000;
const byDefault = { from: undefined } as unknown as Partial<ConnectorOptions>;

/** Writes a command as if it had been pushed so long ago. */
function pushed(note: string, agoMs: number, deviceId = 'd1'): void {
  const parsed = parseCommand({
    deviceId,
    commandType: 'set_led',
    protocol: 'mqtt',
    payload: { note },
  });
  world.broker.topic('device_commands')?.append(0, {
    key: Buffer.from(deviceId),
    value: Buffer.from(encodeCommand(parsed)),
    timestampMs: Date.now() - agoMs,
  });
}

describe('starting', () => {
  test.each<[string, Partial<ConnectorOptions>]>([
    ['limits.maxInFlight', { limits: { maxInFlight: 0 } }],
    ['limits.maxInFlightBytes', { limits: { maxInFlightBytes: 0.5 } }],
    ['limits.maxConcurrentDeliveries', { limits: { maxConcurrentDeliveries: -1 } }],
    ['limits.maxWaiting', { limits: { maxWaiting: Number.NaN } }],
    ['limits.maxStoreBytes', { limits: { maxStoreBytes: 0.5 } }],
    ['limits.maxRememberedIds', { limits: { maxRememberedIds: 0 } }],
    ['retry.maxAttempts', { retry: { maxAttempts: 0 } }],
    ['retry.baseDelayMs', { retry: { baseDelayMs: -1 } }],
    ['retry.maxDelayMs', { retry: { maxDelayMs: Number.NaN } }],
    ['retry.maxWaitMs', { retry: { maxWaitMs: -1 } }],
    ['startTimeoutMs', { startTimeoutMs: -1 }],
    ['drainTimeoutMs', { drainTimeoutMs: Number.NaN }],
  ])('is refused where %s cannot work', async (name, options) => {
    const message = expect.stringMatching(`^${name.replace('.', '[.]')}: `);
    await expect(world.start(createFakeDeliverer(), options)).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message,
    });
  });

  test('unreadable cancellations are logged once a minute', async () => {
    const logged: unknown[] = [];
    const logger = {
      ...silentLogger,
      warn: (fields: object, message: string) => logged.push({ ...fields, message }),
    };
    const deliverer = createFakeDeliverer();
    await world.start(deliverer, { logger });
    for (const text of ['?', '{}', '[]']) {
      const value = Buffer.from(text);
      const headers = textHeaders({ 'record-type': 'cancel' });
      world.broker.topic('device_commands_waiting')?.append(0, { key: null, value, headers });
    }
    const cancellations = () =>
      logged.filter((entry) => JSON.stringify(entry).includes('a cancellation is unreadable'));
    await expect.poll(cancellations).toMatchObject([{ count: 1 }]);
    await world.push({ note: 'after' });
    await expect.poll(() => deliverer.accepted()).toEqual(['after']);
    expect(cancellations()).toHaveLength(1);
  });

  test('a new group delivers what was pushed within the last hour; the rest is counted and logged', async () => {
    pushed('last week', 170 * hourMs);
    pushed('yesterday', 24 * hourMs);
    pushed('just now', 60_000);
    const deliverer = createFakeDeliverer();
    const warnings: unknown[] = [];
    const logger = {
      ...silentLogger,
      warn: (fields: object, message: string) => warnings.push({ ...fields, message }),
    };
    await world.start(deliverer, { ...byDefault, logger });
    await expect.poll(() => deliverer.accepted()).toEqual(['just now']);
    expect(warnings).toContainEqual(
      expect.objectContaining({ skippedCommands: 2, message: expect.stringContaining('--from beginning') }),
    );
  });

  test('what is pushed while a group that has processed nothing is away is delivered, and is lag until then', async () => {
    const first = await world.start(createFakeDeliverer(), { from: 'end' });
    await first.close();
    const note = 'while it was away';
    const requestId = await world.push({ note });
    const silent = createFakeDeliverer(() => new Promise<DeliveryResult>(() => {}));
    const second = await world.start(silent, { from: 'end' });
    await world.untilStates(requestId, ['dispatched']);
    expect((await second.lag()).reduce((sum, { records }) => sum + records, 0)).toBe(1);
    await second.close({ timeoutMs: 50 });
    const deliverer = createFakeDeliverer();
    await world.start(deliverer, { from: 'end' });
    await expect.poll(() => deliverer.accepted('d1')).toEqual([note]);
  });

  test('a command that was being delivered when a new connector crashed is delivered by the next one', async () => {
    const crashing = createCrashableBackend(world.broker);
    const silent = createFakeDeliverer(() => new Promise<DeliveryResult>(() => {}));
    await world.start(silent, { backend: crashing.backend, from: 'end' });
    const requestId = await world.push({ note: 'first' });
    await world.untilStates(requestId, ['dispatched']);
    await crashing.crash();
    const deliverer = createFakeDeliverer();
    await world.start(deliverer, { from: 'end' });
    await expect.poll(() => deliverer.accepted('d1')).toEqual(['first']);
  });
});

describe('topics that change', () => {
  test('partitions that are added while a connector runs are read from their beginning', async () => {
    const deliverer = createFakeDeliverer();
    const first = await world.start(deliverer, { from: 'end' });
    world.broker.topic('device_commands')?.addPartitions(3);
    const deviceIds = Array.from({ length: 20 }, (_, number) => `d${number}`);
    for (const deviceId of deviceIds) await world.push({ deviceId, note: deviceId });
    // A member that joins makes the group divide the partitions anew.
    const other = await world.start(deliverer, { from: 'end' });
    await expect.poll(() => world.broker.topic('device_commands_waiting')?.partitions).toBe(5);
    await other.close();
    await first.close();
    await world.start(deliverer, { from: 'end' });
    await expect.poll(() => new Set(deliverer.accepted()).size).toBe(20);
  });

  test('a command topic that is created again under a connector is read from its beginning', async () => {
    const deliverer = createFakeDeliverer();
    await world.start(deliverer);
    for (const note of [1, 2, 3]) await world.push({ note });
    await expect.poll(() => deliverer.accepted()).toEqual([1, 2, 3]);
    await expect.poll(() => world.uncommitted()).toBe(0);
    world.broker.recreateTopic('device_commands');
    for (const note of ['new 1', 'new 2']) await world.push({ note });
    await expect.poll(() => deliverer.accepted()).toEqual([1, 2, 3, 'new 1', 'new 2']);
  });

  test('a command topic that is created again while no connector runs is read from its beginning, not from where a new group starts', async () => {
    const deliverer = createFakeDeliverer();
    const first = await world.start(deliverer, byDefault);
    for (const note of [1, 2, 3]) await world.push({ note });
    await expect.poll(() => deliverer.accepted()).toEqual([1, 2, 3]);
    await first.close();
    world.broker.recreateTopic('device_commands');
    for (const note of ['new 1', 'new 2', 'new 3', 'new 4']) pushed(note, 24 * hourMs);
    await world.start(deliverer, byDefault);
    await expect.poll(() => deliverer.accepted()).toEqual([1, 2, 3, 'new 1', 'new 2', 'new 3', 'new 4']);
  });

  test('where Kafka has kept the offset of the earlier topic, the last record that ended tells, and no command is passed over', async () => {
    const { backend, crash } = createCrashableBackend(world.broker);
    const deliverer = createFakeDeliverer(({ payload }) => {
      const { note } = payload as { readonly note: unknown };
      return note === 'slow' ? new Promise<DeliveryResult>(() => {}) : accepted;
    });
    await world.start(deliverer, { backend });
    pushed('slow', 24 * hourMs);
    for (const note of ['2', '3', '4']) pushed(note, 24 * hourMs, 'd2');
    const waitingTopic = () =>
      JSON.stringify(world.broker.records('device_commands_waiting').map(({ value }) => String(value)));
    await expect.poll(waitingTopic).toMatch(/nextOffset[^:]*:4\D.*open[^:]*:.0.}/);
    await crash();
    world.broker.recreateTopic('device_commands');
    world.broker.group('pusher_connector_mqtt').commit({ topic: 'device_commands', partition: 0 }, 0);
    const notes = ['new 1', 'new 2', 'new 3', 'new 4', 'new 5'];
    for (const note of notes) pushed(note, 25 * hourMs);
    const next = createFakeDeliverer();
    await world.start(next);
    await expect.poll(() => [...new Set(next.accepted())]).toEqual(notes);
  });

  test('commands that Kafka removed before they were read are counted', async () => {
    const first = await world.start(createFakeDeliverer());
    await first.close();
    for (const note of [1, 2, 3]) await world.push({ note });
    const [record] = world.broker.records('device_commands');
    world.broker.topic('device_commands')?.deleteBefore(record?.partition ?? 0, (record?.offset ?? 0) + 2);
    const deliverer = createFakeDeliverer();
    const connector = await world.start(deliverer);
    await expect.poll(() => deliverer.accepted()).toEqual([3]);
    expect(connector.status().lostRecords).toBe(2);
  });
});

describe('delivering', () => {
  test('goes through dispatched and delivered, with the evidence, and commits', async () => {
    const deliverer = createFakeDeliverer(() => ({ ...accepted, result: { led: 'on' } }));
    await world.start(deliverer);
    const requestId = await world.push({ note: 'on' });
    await world.untilStates(requestId, ['dispatched', 'delivered']);
    expect(world.events(requestId)).toMatchObject([
      { deviceId: 'd1', protocol: 'mqtt', commandType: 'set_led', attempt: 1 },
      { evidence: 'device', attempt: 1, result: { led: 'on' } },
    ]);
    await expect.poll(() => world.uncommitted()).toBe(0);
  });

  test('keeps the order of a device, also through retries, while others go on', async () => {
    const failures = new Map([['d1', 3]]);
    const deliverer = createFakeDeliverer(({ deviceId }): DeliveryResult => {
      const left = failures.get(deviceId) ?? 0;
      failures.set(deviceId, left - 1);
      return left > 0 ? { kind: 'retryable', reason: 'busy', unreachable: false } : accepted;
    });
    await world.start(deliverer);
    for (let note = 0; note < 20; note++) {
      await world.push({ deviceId: 'd1', note });
      await world.push({ deviceId: 'd2', note });
    }
    await expect.poll(() => deliverer.accepted().length).toBe(40);
    const inOrder = Array.from({ length: 20 }, (_, note) => note);
    expect(deliverer.accepted('d1')).toEqual(inOrder);
    expect(deliverer.accepted('d2')).toEqual(inOrder);
  });

  test('one device that does not answer holds up no other, and what it holds is not committed', async () => {
    const deliverer = createFakeDeliverer(({ deviceId }) =>
      deviceId === 'silent' ? new Promise<DeliveryResult>(() => {}) : accepted,
    );
    await world.start(deliverer);
    await world.push({ deviceId: 'silent', note: 0 });
    for (let note = 0; note < 50; note++) await world.push({ deviceId: `d${note}`, note });
    await expect.poll(() => deliverer.accepted().length).toBe(50);
    await expect.poll(() => world.uncommitted()).toBeGreaterThan(0);
  });

  test('what is not for it is passed over: other protocols, and what devices say to other readers', async () => {
    const deliverer = createFakeDeliverer();
    await world.start(deliverer);
    await world.push({ protocol: 'coap', note: 'coap' });
    const feedback = {
      device_id: 'd1',
      command_type: 'feedback',
      payload: {},
      protocol: 'mqtt',
      metadata: {},
    };
    await world.publish({ key: 'd1', value: Buffer.from(JSON.stringify(feedback)) });
    await world.push({ note: 'mine' });
    await expect.poll(() => world.uncommitted()).toBe(0);
    expect(deliverer.accepted()).toEqual(['mine']);
    expect(world.deadLetters()).toEqual([]);
  });

  test('a deliverer that throws is tried again, and in the end the command is a dead letter', async () => {
    const deliverer = createFakeDeliverer(() => {
      throw new Error('broken');
    });
    await world.start(deliverer, { retry: { maxAttempts: 2, baseDelayMs: 1 } });
    const requestId = await world.push({});
    await world.untilStates(requestId, ['waiting', 'dead']);
    expect(world.events(requestId).at(-1)?.reason).toContain(
      '2 attempts failed, the last one: the deliverer failed',
    );
  });

  test('what the device says by itself becomes an event', async () => {
    const deliverer = createFakeDeliverer();
    await world.start(deliverer);
    await deliverer.port.report({
      deviceId: 'd1',
      requestId: 'r1',
      state: 'succeeded',
      result: { temperature: 21 },
    });
    expect(world.events('r1')).toMatchObject([
      { state: 'succeeded', evidence: 'executed', result: { temperature: 21 } },
    ]);
  });
});

describe('what cannot be delivered', () => {
  const poison: [string, Buffer, RegExp][] = [
    ['invalid UTF-8', Buffer.from([0xff, 0xfe, 0x00]), /./],
    ['no JSON', Buffer.from('set_led on'), /JSON/],
    ['an array', Buffer.from('[1]'), /object/],
    [
      'a numeric device id',
      Buffer.from('{"device_id":7,"command_type":"a","payload":{},"protocol":"mqtt"}'),
      /device_id/,
    ],
    [
      'a payload that is no object',
      Buffer.from('{"device_id":"d","command_type":"a","payload":1,"protocol":"mqtt"}'),
      /payload/,
    ],
    [
      'a topic with wildcards',
      Buffer.from('{"device_id":"d","command_type":"a","payload":{},"protocol":"mqtt","topic":"a/#"}'),
      /topic/,
    ],
    [
      'a path with ..',
      Buffer.from('{"device_id":"d","command_type":"a","payload":{},"protocol":"coap","path":"../x"}'),
      /path/,
    ],
    ['nothing', Buffer.alloc(0), /./],
  ];
  test.each(poison)('poison: %s', async (_name, value, message) => {
    const deliverer = createFakeDeliverer();
    await world.start(deliverer);
    await world.publish({ key: 'd', value, headers: textHeaders({ trace: 'abc' }) });
    await world.push({ note: 'after', deviceId: 'd' });
    await expect.poll(() => world.uncommitted()).toBe(0);
    expect(deliverer.accepted()).toEqual(['after']);
    const [letter] = world.deadLetters();
    expect(letter?.value).toEqual(value);
    expect(textsOf(letter)).toMatchObject({
      'original-headers': JSON.stringify([['trace', Buffer.from('abc').toString('base64')]]),
      'dead-reason': 'poison',
      'dead-group': 'pusher_connector_mqtt',
      'source-topic': 'device_commands',
      'source-offset': '0',
      attempts: '0',
    });
    expect(textsOf(letter)['dead-message']).toMatch(message);
    expect(world.events().at(0)).toMatchObject({ deviceId: 'd', state: 'dead' });
  });

  test('a rejected command is a dead letter with its original bytes, and the next one goes', async () => {
    const deliverer = createFakeDeliverer(({ payload }) =>
      payload.note === 'bad' ? { kind: 'rejected', reason: 'no such light' } : accepted,
    );
    await world.start(deliverer);
    const requestId = await world.push({ note: 'bad' });
    await world.push({ note: 'good' });
    await world.untilStates(requestId, ['dispatched', 'rejected']);
    await expect.poll(() => deliverer.accepted()).toEqual(['good']);
    const [letter] = world.deadLetters();
    expect(letter?.value).toEqual(world.broker.records('device_commands')[0]?.value);
    expect(textsOf(letter)).toMatchObject({
      'dead-reason': 'rejected',
      'dead-message': 'no such light',
      attempts: '1',
    });
  });

  test('an expired command is never delivered, also when it expires between attempts', async () => {
    let nowMs = Date.now();
    const allPushed = Promise.withResolvers<void>();
    const deliverer = createFakeDeliverer(async ({ payload }): Promise<DeliveryResult> => {
      await allPushed.promise;
      nowMs += 60_000;
      return payload.note === 'first' ? { kind: 'retryable', reason: 'busy', unreachable: false } : accepted;
    });
    await world.start(deliverer, { clock: () => nowMs });
    const first = await world.push({ note: 'first', expiresAt: new Date(nowMs + 30_000) });
    const second = await world.push({ note: 'second', expiresAt: new Date(nowMs + 50_000) });
    const third = await world.push({ note: 'third' });
    allPushed.resolve();
    await world.untilStates(third, ['dispatched', 'delivered']);
    expect(world.states(first)).toEqual(['dispatched', 'waiting', 'expired']);
    expect(world.states(second)).toEqual(['expired']);
    expect(deliverer.accepted()).toEqual(['third']);
    await expect.poll(() => world.uncommitted()).toBe(0);
  });
});

describe('order and replacement', () => {
  /** A device that is busy with its first command until it is let go. */
  function createBusyDevice() {
    const free = Promise.withResolvers<void>();
    const deliverer = createFakeDeliverer(async ({ payload }) => {
      if (payload.note === 'first') await free.promise;
      return accepted;
    });
    return { deliverer, letGo: free.resolve };
  }

  test('a higher priority goes first; within one, the order of the pushes', async () => {
    const { deliverer, letGo } = createBusyDevice();
    const connector = await world.start(deliverer);
    await world.push({ note: 'first' });
    await expect.poll(() => deliverer.attempts.length).toBe(1);
    await world.push({ note: 'low 1' });
    await world.push({ note: 'high 1', priority: 5 });
    await world.push({ note: 'low 2' });
    await world.push({ note: 'high 2', priority: 5 });
    await expect.poll(() => connector.status().inFlight).toBe(5);
    letGo();
    await expect.poll(() => deliverer.accepted()).toEqual(['first', 'high 1', 'high 2', 'low 1', 'low 2']);
  });

  test('a newer command with the same supersede key replaces one that was not dispatched', async () => {
    const { deliverer, letGo } = createBusyDevice();
    const connector = await world.start(deliverer);
    const dispatched = await world.push({ note: 'first', supersedeKey: 'temperature' });
    await expect.poll(() => deliverer.attempts.length).toBe(1);
    const replaced = await world.push({ note: 'second', supersedeKey: 'temperature' });
    await world.push({ note: 'other', supersedeKey: 'light' });
    const newest = await world.push({ note: 'third', supersedeKey: 'temperature' });
    await expect.poll(() => connector.status().inFlight).toBe(3);
    letGo();
    await expect.poll(() => deliverer.accepted()).toEqual(['first', 'other', 'third']);
    await world.untilStates(dispatched, ['dispatched', 'delivered']);
    await world.untilStates(replaced, ['superseded']);
    expect(world.events(replaced)[0]?.reason).toBe(`by ${newest}`);
  });

  test('a command that is cancelled while its attempt is in flight is not attempted again', async () => {
    const attempts: PromiseWithResolvers<DeliveryResult>[] = [];
    const deliverer = createFakeDeliverer(() => {
      const attempt = Promise.withResolvers<DeliveryResult>();
      attempts.push(attempt);
      return attempt.promise;
    });
    await world.start(deliverer);
    const requestId = await world.push({ note: 'cancelled' });
    await expect.poll(() => attempts.length).toBe(1);
    const next = await world.push({ note: 'next' });
    await world.service.cancelCommand({ deviceId: 'd1', requestId });
    await world.service.cancelCommand({ deviceId: 'd1', requestId: next });
    // The connector has then read the cancellation before it.
    await world.untilStates(next, ['cancelled']);
    attempts[0]?.resolve(unreachable);
    await world.untilStates(requestId, ['dispatched', 'cancelled']);
    expect(attempts).toHaveLength(1);
  });

  test('a command that was not dispatched can be cancelled, before or after it is read', async () => {
    const { deliverer, letGo } = createBusyDevice();
    const early = await cancelledBeforeItIsPushed();
    const connector = await world.start(deliverer);
    await world.push({ note: 'first' });
    const late = await world.push({ note: 'late' });
    await expect.poll(() => connector.status().inFlight).toBe(2);
    await world.service.cancelCommand({ deviceId: 'd1', requestId: late, issuedBy: 'key:dashboard' });
    await world.untilStates(late, ['cancelled']);
    expect(world.events(late)).toMatchObject([{ reason: 'by key:dashboard' }]);
    await world.push({ note: 'early', requestId: early });
    letGo();
    await world.untilStates(early, ['cancelled']);
    await expect.poll(() => world.uncommitted()).toBe(0);
    expect(deliverer.accepted()).toEqual(['first']);
  });

  async function cancelledBeforeItIsPushed(): Promise<string> {
    const config = { 'retention.ms': '-1' };
    world.broker.createTopic({ topic: 'device_commands_waiting', partitions: 2, config });
    await world.service.cancelCommand({ deviceId: 'd1', requestId: 'early' });
    return 'early';
  }

  test('the same request id again is not delivered again', async () => {
    const deliverer = createFakeDeliverer();
    await world.start(deliverer);
    const requestId = await world.push({ note: 'once' });
    await world.untilStates(requestId, ['dispatched', 'delivered']);
    await world.push({ note: 'twice', requestId });
    await world.push({ note: 'after' });
    await expect.poll(() => deliverer.accepted()).toEqual(['once', 'after']);
    await expect.poll(() => world.uncommitted()).toBe(0);
  });
});

describe('a device that cannot be reached', () => {
  test('has its commands deferred, newer ones behind them, and gets all in order when it is reachable', async () => {
    let isThere = false;
    const deliverer = createFakeDeliverer(({ deviceId }) =>
      deviceId === 'away' && !isThere ? unreachable : accepted,
    );
    await world.start(deliverer, { retry: { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 600_000 } });
    const first = await world.push({ deviceId: 'away', note: 1 });
    await world.push({ deviceId: 'away', note: 2 });
    await expect.poll(() => world.states(first)).toContain('waiting');
    const third = await world.push({ deviceId: 'away', note: 3 });
    await world.push({ deviceId: 'here', note: 'here' });
    await world.untilStates(third, ['waiting']);
    await expect.poll(() => world.uncommitted()).toBe(0);
    expect(deliverer.accepted()).toEqual(['here']);

    isThere = true;
    expect(deliverer.port.reachable('away')).toBe(true);
    await expect.poll(() => deliverer.accepted('away')).toEqual([1, 2, 3]);
    expect(deliverer.port.reachable('nobody')).toBe(false);
  });

  test('is tried again when it is due', async () => {
    let attempts = 0;
    const deliverer = createFakeDeliverer(() => (++attempts > 8 ? accepted : unreachable));
    await world.start(deliverer);
    const requestId = await world.push({ note: 1 });
    await expect.poll(() => world.states(requestId).at(-1)).toBe('delivered');
    expect(world.states(requestId).filter((state) => state === 'waiting')).toHaveLength(8);
    expect(world.events(requestId).at(-1)?.attempt).toBe(9);
  });

  test('loses nothing when the connector is replaced, and the order holds', async () => {
    const away = createFakeDeliverer(() => unreachable);
    const connector = await world.start(away, {
      retry: { maxAttempts: 1, baseDelayMs: 60_000, maxDelayMs: 60_000 },
    });
    for (let note = 0; note < 10; note++) await world.push({ note });
    await expect.poll(() => world.uncommitted()).toBe(0);
    await expect.poll(() => connector.status().waiting).toBe(10);
    await connector.close({ timeoutMs: 1_000 });
    await world.push({ note: 10 });

    const there = createFakeDeliverer();
    await world.start(there);
    await expect.poll(() => there.accepted().length).toBe(11);
    expect(there.accepted()).toEqual(Array.from({ length: 11 }, (_, note) => note));
    expect(there.attempts[0]?.context).toMatchObject({ mayBeRepeat: true, attempt: 2 });
    expect(there.attempts[10]?.context).toMatchObject({ mayBeRepeat: false, attempt: 1 });
  });

  test('gets what waits once only, also when the connector is replaced again', async () => {
    let isThere = false;
    const first = createFakeDeliverer(({ deviceId }) =>
      deviceId === 'd1' && isThere ? accepted : unreachable,
    );
    const retry = { maxAttempts: 1, baseDelayMs: 1, maxDelayMs: 1 };
    const connector = await world.start(first, { retry });
    await world.push({ deviceId: 'd9', note: 'pins the offset' });
    for (let note = 0; note < 3; note++) await world.push({ deviceId: 'd1', note });
    await expect.poll(() => connector.status().waiting).toBe(4);
    isThere = true;
    await expect.poll(() => first.accepted()).toEqual([0, 1, 2]);
    await expect.poll(() => connector.status().waiting).toBe(1);
    await connector.close({ timeoutMs: 1_000 });

    const second = createFakeDeliverer();
    await world.start(second);
    await world.push({ deviceId: 'd1', note: 3 });
    await expect.poll(() => second.accepted('d1')).toEqual([3]);
    await expect.poll(() => second.accepted('d9')).toEqual(['pins the offset']);
  });

  test('has an outcome though a crash left its event unwritten: the changelog ends a command after its events', async () => {
    let isThere = false;
    const crashing = createCrashableBackend(world.broker);
    const { publish } = crashing.backend;
    // As a Kafka client does that writes to several brokers, and dies in between.
    const cut: typeof publish = async (records, options) => {
      const isLost = ({ topic, value }: PublishRecord) =>
        topic === 'device_command_events' && String(value).includes('"delivered"');
      if (!records.some(isLost)) return publish(records, options);
      await publish(
        records.filter((record) => !isLost(record)),
        options,
      );
      return crashing.crash().then(() => new Promise<never>(() => {}));
    };
    const first = createFakeDeliverer(() => (isThere ? accepted : unreachable));
    const retry = { maxAttempts: 1, baseDelayMs: 60_000, maxDelayMs: 60_000 };
    await world.start(first, { backend: { ...crashing.backend, publish: cut }, retry });
    const requestId = await world.push({ note: 1 });
    await expect.poll(() => world.uncommitted()).toBe(0);
    isThere = true;
    first.port.reachable('d1');
    await expect.poll(() => first.accepted()).toEqual([1]);
    const next = createFakeDeliverer();
    await world.start(next);
    await expect.poll(() => world.states(requestId)).toContain('delivered');
    expect(next.attempts[0]?.context.mayBeRepeat).toBe(true);
  });

  test('expired ones end without being delivered, superseded ones are replaced while they wait', async () => {
    const deliverer = createFakeDeliverer(() => unreachable);
    await world.start(deliverer, { retry: { maxAttempts: 1, baseDelayMs: 50, maxDelayMs: 50 } });
    const soon = await world.push({ note: 'soon', expiresAt: new Date(Date.now() + 300) });
    const older = await world.push({ note: 'older', supersedeKey: 'k' });
    await world.untilStates(older, ['waiting']);
    await world.push({ note: 'newer', supersedeKey: 'k' });
    await world.untilStates(older, ['waiting', 'superseded']);
    await expect.poll(() => world.states(soon).at(-1)).toBe('expired');
    const attemptsOfSoon = deliverer.attempts.filter(({ command }) => command.requestId === soon);
    expect(attemptsOfSoon.every(({ command }) => command.expiresAt !== undefined)).toBe(true);
  });

  test('beyond maxWaiting, commands stay in their topic until there is capacity, and none is dropped', async () => {
    let isThere = false;
    const deliverer = createFakeDeliverer(() => (isThere ? accepted : unreachable));
    const connector = await world.start(deliverer, {
      retry: { maxAttempts: 1, baseDelayMs: 60_000, maxDelayMs: 60_000 },
      limits: { maxWaiting: 3 },
    });
    for (let note = 0; note < 3; note++) await world.push({ note });
    await expect.poll(() => connector.status().waiting).toBe(3);
    for (let note = 3; note < 9; note++) await world.push({ note });
    await expect.poll(() => world.uncommitted()).toBe(6);
    isThere = true;
    deliverer.port.reachable('d1');
    await expect.poll(() => deliverer.accepted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(world.deadLetters()).toEqual([]);
  });

  test('that answers once after many attempts without an answer has used one attempt, not all', async () => {
    const answers: DeliveryResult[] = Array.from({ length: 6 }, () => unreachable);
    answers.push({ kind: 'retryable', reason: '503', unreachable: false });
    const deliverer = createFakeDeliverer(() => answers.shift() ?? accepted);
    await world.start(deliverer, { retry: { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 2 } });
    await world.push({ note: 0 });
    await expect.poll(() => deliverer.accepted()).toEqual([0]);
    expect(world.deadLetters()).toEqual([]);
  });

  test('has its commands ended after maxWaitMs, by a timer and not by the next attempt', async () => {
    const deliverer = createFakeDeliverer(() => unreachable);
    await world.start(deliverer, {
      retry: { maxAttempts: 1, baseDelayMs: 60_000, maxDelayMs: 60_000, maxWaitMs: 50 },
    });
    const requestId = await world.push({ note: 0 });
    await world.untilStates(requestId, ['dispatched', 'waiting', 'dead']);
    expect(deliverer.attempts.length).toBe(1);
    expect(textsOf(world.deadLetters()[0])['dead-message']).toContain('maxWaitMs');
  });
});

describe('limits and the end', () => {
  test('no more commands are taken than may be in flight', async () => {
    const free = Promise.withResolvers<DeliveryResult>();
    const deliverer = createFakeDeliverer(() => free.promise);
    const connector = await world.start(deliverer, { limits: { maxInFlight: 4 } });
    for (let note = 0; note < 10; note++) await world.push({ deviceId: `d${note}`, note });
    await expect.poll(() => deliverer.attempts.length).toBe(4);
    expect(connector.status().inFlight).toBe(4);
    free.resolve(accepted);
    await expect.poll(() => deliverer.accepted().length).toBe(10);
    await expect.poll(() => connector.status().inFlight).toBe(0);
  });

  test('closing waits for the deliveries in flight, and leaves the rest to the next connector', async () => {
    const free = Promise.withResolvers<DeliveryResult>();
    const first = createFakeDeliverer(() => free.promise);
    const connector = await world.start(first, { drainTimeoutMs: 5_000 });
    await world.push({ note: 0 });
    await world.push({ note: 1 });
    await expect.poll(() => first.attempts.length).toBe(1);
    const closing = connector.close();
    expect(connector.isReady()).toBe(false);
    free.resolve(accepted);
    await closing;
    expect(first.accepted()).toEqual([0]);
    const second = createFakeDeliverer();
    await world.start(second);
    await expect.poll(() => second.accepted()).toEqual([1]);
  });

  test('it is not ready while Kafka does not answer', async () => {
    let isConnected = true;
    const backend = createMemoryBackend({ broker: world.broker });
    const connector = await world.start(createFakeDeliverer(), {
      backend: {
        ...backend,
        subscribe: async (options) => ({
          ...(await backend.subscribe(options)),
          isConnected: () => isConnected,
        }),
      },
    });
    const said = () => [connector.isReady(), connector.status().kafka];
    expect(said()).toEqual([true, 'connected']);
    isConnected = false;
    expect(said()).toEqual([false, 'not connected']);
    isConnected = true;
    expect(said()).toEqual([true, 'connected']);
  });

  test('it is not ready while a partition cannot be read on, and says which', async () => {
    const blocked = { topic: 'device_commands', partition: 2, offset: 7, codec: 'zstd' };
    let found = [blocked];
    const backend = createMemoryBackend({ broker: world.broker });
    const connector = await world.start(createFakeDeliverer(), {
      backend: {
        ...backend,
        subscribe: async (options) => ({ ...(await backend.subscribe(options)), blocked: () => found }),
      },
    });
    const said = () => [connector.isReady(), connector.status().blockedPartitions];
    expect(said()).toEqual([false, [blocked]]);
    found = [];
    expect(said()).toEqual([true, []]);
  });

  test('a delivery that does not end is given up at the deadline, and repeated, marked, by the next connector', async () => {
    const first = createFakeDeliverer(
      (_command, { signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(unreachable))),
    );
    const connector = await world.start(first, { drainTimeoutMs: 20 });
    await world.push({ note: 0 });
    await expect.poll(() => first.attempts.length).toBe(1);
    await connector.close({ timeoutMs: 5_000 });
    await connector.closed;
    const second = createFakeDeliverer();
    await world.start(second);
    await expect.poll(() => second.accepted()).toEqual([0]);
  });

  test('with a memory backend that creates topics by itself, the command topic need not exist', async () => {
    const backend = createMemoryBackend({ partitions: 3 });
    await world.start(createFakeDeliverer(), { backend });
    expect(await backend.listTopics()).toEqual(
      ['device_command_events', 'device_commands', 'device_commands_dead', 'device_commands_waiting'].map(
        (topic) => ({ topic, partitions: 3 }),
      ),
    );
  });

  test('a command topic that does not exist is a coded error, as is a waiting topic that does not fit', async () => {
    await expect(
      world.start(createFakeDeliverer(), { topics: { commands: 'nowhere' } }),
    ).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
    world.broker.createTopic({ topic: 'wide', partitions: 3 });
    await expect(world.start(createFakeDeliverer(), { topics: { waiting: 'wide' } })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });

  test('a connector that ends when partitions are added hands over, and nothing is marked as a repeat', async () => {
    const connector = await world.start(createFakeDeliverer());
    await world.push({ note: 0 });
    await expect.poll(() => world.uncommitted()).toBe(0);
    world.broker.topic('device_commands')?.addPartitions(1);
    world.broker.rebalance();
    await connector.close();
    await world.push({ note: 1 });
    const next = createFakeDeliverer();
    await world.start(next);
    await expect.poll(() => next.accepted()).toEqual([1]);
    expect(next.attempts.map(({ context }) => context.mayBeRepeat)).toEqual([false]);
  });

  test('partitions that were added to the command topic are added to the waiting topic, and read from their beginning', async () => {
    const first = await world.start(createFakeDeliverer(), { from: 'end' });
    await first.close();
    world.broker.topic('device_commands')?.addPartitions(3);
    const deviceIds = Array.from({ length: 20 }, (_, number) => `d${number}`);
    for (const deviceId of deviceIds) await world.push({ deviceId, note: deviceId });
    const deliverer = createFakeDeliverer();
    await world.start(deliverer, { from: 'end' });
    await expect.poll(() => deliverer.accepted().length).toBe(20);
    expect(world.broker.topic('device_commands_waiting')?.partitions).toBe(5);
  });

  test('without an events topic no event is written, and onEvent is still called', async () => {
    const told: string[] = [];
    const onEvent = ({ state }: { readonly state: string }) => {
      told.push(state);
      throw new Error('as a mistake in the application');
    };
    await world.start(createFakeDeliverer(), { topics: { events: false }, onEvent });
    await world.push({ note: 1 });
    await expect.poll(() => world.uncommitted()).toBe(0);
    expect(world.broker.records('device_command_events')).toEqual([]);
    expect(told).toEqual(['dispatched', 'delivered']);
  });

  test('the headers of a record are there at each attempt, also when the command has waited', async () => {
    const deliverer = createFakeDeliverer((_, { attempt }) => (attempt < 3 ? unreachable : accepted));
    await world.start(deliverer, { retry: { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 5 } });
    const value = encodeCommand(parseCommand({ deviceId: 'd1', commandType: 'set_led', protocol: 'mqtt' }));
    await world.publish({ key: 'd1', value, headers: textHeaders({ traceparent: 'as it was' }) });
    await expect.poll(() => deliverer.accepted()).toHaveLength(1);
    expect(deliverer.attempts.map(({ context }) => headerText(context.headers ?? [], 'traceparent'))).toEqual(
      Array(3).fill('as it was'),
    );
  });
});
