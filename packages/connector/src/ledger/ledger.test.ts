import type { DeliveryResult } from '@preservarium/deliverer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCrashableBackend } from '../../test/crashable-backend.js';
import { accepted, createFakeDeliverer, unreachable } from '../../test/fake-deliverer.js';
import { createWorld, type World } from '../../test/world.js';
import { readChangelogRecord } from './changelog.js';

const waitingTopic = 'device_commands_waiting';
const never = new Promise<DeliveryResult>(() => {});

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.close());

/** Waits until the changelog says that all that was read of the command topic has ended, but for so many. */
async function untilProgress(open: number, commands: number): Promise<void> {
  await expect
    .poll(() => {
      const newest = new Map<number, { read: number; open: number }>();
      for (const record of world.broker.records(waitingTopic)) {
        const entry = readChangelogRecord(record);
        if (entry.type !== 'progress') continue;
        const { nextOffset, open: offsets } = entry.progress;
        newest.set(record.partition, { read: nextOffset, open: offsets.length });
      }
      const sum = [...newest.values()];
      return [sum.reduce((all, { open }) => all + open, 0), sum.reduce((all, { read }) => all + read, 0)];
    })
    .toEqual([open, commands]);
}

describe('after a crash', () => {
  test('a slow command at the head costs no repeat of what ended behind it, and reverses nothing', async () => {
    const { backend, crash } = createCrashableBackend(world.broker);
    let isThere = false;
    const first = createFakeDeliverer(({ deviceId }) =>
      deviceId === 'slow' ? never : isThere ? accepted : unreachable,
    );
    await world.start(first, { backend, retry: { maxAttempts: 1, baseDelayMs: 60_000 } });
    const slow = await world.push({ deviceId: 'slow', note: 'slow' });
    await world.untilStates(slow, ['dispatched']);
    const waiting = await world.push({ deviceId: 'd1', note: 'X' });
    await world.untilStates(waiting, ['dispatched', 'waiting']);
    isThere = true;
    first.port.reachable('d1');
    await expect.poll(() => first.accepted('d1')).toEqual(['X']);
    await world.push({ deviceId: 'd1', note: 'Y' });
    await expect.poll(() => first.accepted('d1')).toEqual(['X', 'Y']);
    await untilProgress(1, 3);
    await crash();

    const second = createFakeDeliverer();
    await world.start(second);
    const last = await world.push({ deviceId: 'd1', note: 'Z' });
    await world.untilStates(last, ['dispatched', 'delivered']);
    await expect.poll(() => second.accepted('slow')).toEqual(['slow']);
    expect(second.accepted('d1')).toEqual(['Z']);
    const repeat = second.attempts.find(({ command }) => command.deviceId === 'slow');
    expect(repeat?.context.mayBeRepeat).toBe(true);
  });

  test('a superseded command is not delivered after the one that replaced it', async () => {
    const { backend, crash } = createCrashableBackend(world.broker);
    const answers: DeliveryResult[] = [{ kind: 'retryable', reason: 'busy', unreachable: false }];
    const first = createFakeDeliverer(({ deviceId }) =>
      deviceId === 'slow' ? never : (answers.shift() ?? accepted),
    );
    await world.start(first, { backend, retry: { baseDelayMs: 3_000, maxDelayMs: 3_000 } });
    await world.push({ deviceId: 'slow', note: 'slow' });
    const older = await world.push({ deviceId: 'd1', note: 'older', supersedeKey: 'k' });
    await expect.poll(() => world.states(older)).toEqual(['dispatched', 'waiting']);
    await world.push({ deviceId: 'd1', note: 'newer', supersedeKey: 'k' });
    await expect.poll(() => first.accepted('d1')).toEqual(['newer']);
    await untilProgress(1, 3);
    await crash();

    const second = createFakeDeliverer();
    await world.start(second);
    await expect.poll(() => second.accepted('slow')).toEqual(['slow']);
    const last = await world.push({ deviceId: 'd1', note: 'last' });
    await world.untilStates(last, ['dispatched', 'delivered']);
    expect(second.accepted('d1')).toEqual(['last']);
  });

  test('what may be a repeat is marked, also where it waited; after an orderly end nothing is', async () => {
    const { backend, crash } = createCrashableBackend(world.broker);
    const first = createFakeDeliverer(({ deviceId }) => (deviceId === 'away' ? unreachable : never));
    await world.start(first, { backend, retry: { maxAttempts: 1, baseDelayMs: 60_000 } });
    const waiting = await world.push({ deviceId: 'away', note: 'waits' });
    const behind = await world.push({ deviceId: 'away', note: 'behind' });
    await world.untilStates(waiting, ['dispatched', 'waiting']);
    await world.untilStates(behind, ['waiting']);
    await world.push({ deviceId: 'd1', note: 'in flight' });
    await expect.poll(() => first.attempts.length).toBe(2);
    await crash();

    const second = createFakeDeliverer();
    const connector = await world.start(second);
    await expect.poll(() => second.accepted().length).toBe(3);
    expect(second.attempts.map(({ context }) => context.mayBeRepeat)).toEqual([true, true, true]);
    await connector.close();

    const third = createFakeDeliverer();
    await world.start(third);
    await world.push({ deviceId: 'd1', note: 'new' });
    await expect.poll(() => third.accepted()).toEqual(['new']);
    expect(third.attempts[0]?.context.mayBeRepeat).toBe(false);
  });
});

describe('cancellations', () => {
  test('are kept through restarts until the commands that were there then have ended', async () => {
    const first = createFakeDeliverer(() => never);
    const limits = { maxInFlight: 1 };
    const connector = await world.start(first, { limits });
    const slow = await world.push({ deviceId: 'd1', note: 'slow' });
    await world.untilStates(slow, ['dispatched']);
    const requestId = await world.push({ deviceId: 'd1', note: 'unread' });
    await world.service.cancelCommand({ deviceId: 'd1', requestId, issuedBy: 'key:dashboard' });
    await connector.close({ timeoutMs: 2_000 });

    const second = createFakeDeliverer();
    await world.start(second, { limits });
    await world.untilStates(requestId, ['cancelled']);
    expect(world.events(requestId)).toMatchObject([{ reason: 'by key:dashboard' }]);
    expect(second.accepted()).toEqual(['slow']);
  });

  test('of a command that waits are kept while its attempt is in flight, whatever else ends', async () => {
    const attempt = Promise.withResolvers<DeliveryResult>();
    const answers = [unreachable, attempt.promise];
    const deliverer = createFakeDeliverer(() => answers.shift() ?? unreachable);
    const connector = await world.start(deliverer, { retry: { maxAttempts: 1, baseDelayMs: 60_000 } });
    const requestId = await world.push({ note: 'waits' });
    await expect.poll(() => connector.status().waiting).toBe(1);
    await expect.poll(() => world.uncommitted()).toBe(0);
    deliverer.port.reachable('d1');
    await expect.poll(() => deliverer.attempts.length).toBe(2);
    await world.service.cancelCommand({ deviceId: 'd1', requestId, issuedBy: 'key:dashboard' });
    for (let behind = 1; behind <= 5; behind++) {
      await world.push({ note: behind });
      await expect.poll(() => connector.status().waiting).toBe(1 + behind);
      await expect.poll(() => world.uncommitted(), { timeout: 5_000 }).toBe(0);
    }
    attempt.resolve(unreachable);
    await expect.poll(() => world.states(requestId).at(-1)).toBe('cancelled');
    expect(world.events(requestId).at(-1)).toMatchObject({ reason: 'by key:dashboard' });
  });

  test('concern one device, also where another one has a command of the same request id', async () => {
    const requestId = '01890a5d-ac96-774b-bcce-b302099a8057';
    const deliverer = createFakeDeliverer(() => unreachable);
    await world.start(deliverer, { retry: { maxAttempts: 1, baseDelayMs: 60_000 } });
    for (const deviceId of ['d1', 'd2']) await world.push({ requestId, deviceId });
    const ended = () => world.events(requestId).filter(({ state }) => state === 'cancelled');
    await expect.poll(() => world.states(requestId).filter((state) => state === 'waiting').length).toBe(2);
    await world.service.cancelCommand({ deviceId: 'd1', requestId });
    await expect.poll(() => ended().map(({ deviceId }) => deviceId)).toEqual(['d1']);
    await world.service.cancelCommand({ deviceId: 'd2', requestId, issuedBy: 'token:kim' });
    await expect.poll(() => ended().map(({ deviceId }) => deviceId)).toEqual(['d1', 'd2']);
    expect(ended().map(({ reason }) => reason)).toEqual([undefined, 'by token:kim']);
  });
});

test('a waiting topic that serves another command topic is refused', async () => {
  world.broker.createTopic({ topic: 'other_commands', partitions: 2 });
  await world.start(createFakeDeliverer());
  const other = await world.start(createFakeDeliverer(), {
    topics: { commands: 'other_commands' },
    groupId: 'other',
  });
  await expect(other.closed).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
});
