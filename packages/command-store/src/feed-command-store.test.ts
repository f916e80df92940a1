import { textHeaders } from '@preservarium/backend';
import { createMemoryBackend } from '@preservarium/backend-memory';
import { StoreFailedError, StoreUnavailableError } from '@preservarium/core';
import { expect, test } from 'vitest';
import { createWorld, event, eventsTopic } from '../test/world.js';

const dayMs = 24 * 60 * 60 * 1_000;

test('a new store is filled from the beginning of the topic, and then with what comes', async () => {
  const { store, write, feed } = createWorld();
  await write(event('dispatched'), event('waiting', { requestId: 'r2', deviceId: 'd2' }));
  const { caughtUp } = await feed();
  await caughtUp();
  expect(await store.countByState()).toEqual({ dispatched: 1, waiting: 1 });
  await write(event('delivered', { second: 1 }));
  await caughtUp();
  expect(await store.get({ deviceId: 'd1', requestId: 'r1' })).toMatchObject({
    state: 'delivered',
    events: { length: 2 },
  });
});

test('a command is known as published before a connector has taken it, and stays what its events say', async () => {
  const { backend, store, write, feed } = createWorld();
  const { caughtUp } = await feed();
  const ids = { device_id: 'd1', protocol: 'mqtt', payload: {}, timestamp: '2100-01-01T00:00:00Z' };
  const commands = [
    { ...ids, request_id: 'r1', command_type: 'open' },
    { ...ids, request_id: 'r2', command_type: 'close' },
    { ...ids, request_id: 'r3', command_type: 'feedback' },
    'no command',
  ];
  await backend.publish(
    commands.map((each) => ({
      topic: 'device_commands',
      key: 'd1',
      value: Buffer.from(JSON.stringify(each)),
    })),
    { timeoutMs: 5_000 },
  );
  await write(event('delivered', { requestId: 'r2' }));
  await caughtUp();
  const { lifecycles } = await store.list({ limit: 10 });
  expect(lifecycles.map(({ requestId, commandType, state }) => [requestId, commandType, state])).toEqual([
    ['r2', 'close', 'delivered'],
    ['r1', 'open', 'published'],
  ]);
  expect(lifecycles[0]?.events.map(({ state }) => state)).toContain('published');
});

test('a command that was sent again from the dead letters is published anew, and its first end stays', async () => {
  const { backend, store, write, feed } = createWorld();
  const { caughtUp } = await feed();
  const command = { device_id: 'd1', request_id: 'r1', command_type: 'open', protocol: 'mqtt', payload: {} };
  const record = { topic: 'device_commands', key: 'd1', value: Buffer.from(JSON.stringify(command)) };
  await write(event('dead', { second: 1 }));
  const headers = textHeaders({ redriven: '1' });
  await backend.publish([record, { ...record, headers }], { timeoutMs: 5_000 });
  await caughtUp();
  const lifecycle = await store.get({ deviceId: 'd1', requestId: 'r1' });
  expect(lifecycle).toMatchObject({ state: 'published', isFinal: false });
  expect(lifecycle?.events.map(({ state }) => state).toSorted()).toEqual(['dead', 'published', 'published']);
});

test('no command topic is read where none is given', async () => {
  const { backend, store, feed } = createWorld();
  const { caughtUp } = await feed({ commandTopics: [] });
  const command = { device_id: 'd1', request_id: 'r1', command_type: 'open', protocol: 'mqtt', payload: {} };
  const record = { topic: 'device_commands', key: 'd1', value: Buffer.from(JSON.stringify(command)) };
  await backend.publish([record], { timeoutMs: 5_000 });
  await caughtUp();
  expect(await store.countByState()).toEqual({});
});

test('a record that is no event stops nothing, and is logged once a minute; an event of another device changes nothing', async () => {
  const { store, logged, write, writeValues, feed } = createWorld();
  const { caughtUp } = await feed();
  await writeValues(['?', '{}', '[]'].map((text) => ({ key: 'd1', value: Buffer.from(text) })));
  await write(event('dispatched'));
  await caughtUp();
  await write(event('succeeded', { deviceId: 'd2' }), event('delivered', { second: 1 }));
  await caughtUp();
  expect((await store.get({ deviceId: 'd1', requestId: 'r1' }))?.state).toBe('delivered');
  expect(logged).toMatchObject([{ offset: 0, message: 'a lifecycle event cannot be read' }]);
});

test('the position of the topic is in the store, and only that is committed', async () => {
  const { backend, store, write, feed } = createWorld();
  await write(event('dispatched'), event('delivered'));
  const { caughtUp, close } = await feed({ groupId: 'feed' });
  await caughtUp();
  await close();
  const { feedId, nextOffsets } = await store.progress(eventsTopic);
  const offsets = await backend.offsets({ topic: eventsTopic, groupId: `feed_${feedId}` });
  // Partitions without records are committed at their start, 0.
  const committed = offsets.flatMap(({ partition, committedOffset }) =>
    committedOffset ? [[partition, committedOffset] as const] : [],
  );
  expect(new Map(committed)).toEqual(nextOffsets);
  expect([...nextOffsets.values()]).toEqual([2]);
});

test('while the store cannot be reached, it is tried again', async () => {
  const { store, write, feed } = createWorld();
  let failures = 2;
  const unreachable: typeof store.save = async (...batch) => {
    if (failures-- > 0) throw new StoreUnavailableError('no answer');
    return store.save(...batch);
  };
  await write(event('succeeded'));
  const { caughtUp } = await feed({ store: { ...store, save: unreachable } });
  await caughtUp();
  expect(await store.countByState()).toEqual({ succeeded: 1 });
});

test('when the store fails for good the feed ends, and what it does not have is read by the next one', async () => {
  const { store, write, feed } = createWorld();
  const error = new StoreFailedError('broken');
  await write(event('succeeded'));
  const broken = await feed({ store: { ...store, save: () => Promise.reject(error) } });
  await expect(broken.closed).rejects.toBe(error);
  await expect(broken.caughtUp()).rejects.toBe(error);
  await broken.close();
  const { caughtUp } = await feed();
  await caughtUp();
  expect(await store.countByState()).toEqual({ succeeded: 1 });
});

test('close ends a feed that cannot reach the store', async () => {
  const { store, logged, write, feed } = createWorld();
  const unreachable = () => Promise.reject(new StoreUnavailableError('no answer'));
  await write(event('succeeded'));
  const { close, closed } = await feed({ store: { ...store, save: unreachable } });
  await expect.poll(() => logged.length).toBeGreaterThan(0);
  await close();
  await closed;
});

test('when the store is cleared, those that feed it read all again', async () => {
  const { store, write, feed } = createWorld();
  await write(event('succeeded'));
  const { caughtUp } = await feed();
  await caughtUp();
  const before = await store.get({ deviceId: 'd1', requestId: 'r1' });
  await store.clear();
  await write(event('waiting', { requestId: 'r2' }));
  await caughtUp();
  expect(await store.get({ deviceId: 'd1', requestId: 'r1' })).toEqual(before);
  expect(await store.countByState()).toEqual({ succeeded: 1, waiting: 1 });
});

test('several share the work, and all begin again when one of them clears the store', async () => {
  const { store, write, feed } = createWorld();
  const events = Array.from({ length: 200 }, (_, index) =>
    event('dispatched', { requestId: `r${index}`, deviceId: `d${index}` }),
  );
  const saves = [0, 0];
  const feeds = await Promise.all(
    saves.map((_, index) => {
      const save: typeof store.save = (...batch) => {
        saves[index] = (saves[index] ?? 0) + 1;
        return store.save(...batch);
      };
      return feed({ store: { ...store, save } });
    }),
  );
  await write(...events);
  for (const { caughtUp } of feeds) await caughtUp();
  expect(Math.min(...saves)).toBeGreaterThan(0);
  await store.clear();
  await write(...events.map((each) => ({ ...each, state: 'delivered' as const })));
  for (const { caughtUp } of feeds) await caughtUp();
  expect(await store.countByState()).toEqual({ delivered: 200 });
  expect((await store.list({ limit: 1 })).lifecycles[0]?.events).toHaveLength(2);
});

test('a store that is older than what its group has read, as after a restore, is read for again', async () => {
  const { backend, store, write, feed } = createWorld();
  await write(event('succeeded'));
  const { feedId } = await store.progress(eventsTopic);
  const lost = await feed({ store: { ...store, save: async () => ({ kind: 'saved', refused: [] }) } });
  await expect
    .poll(async () => {
      const groupId = `pusher_command_store_${feedId}`;
      const offsets = await backend.offsets({ topic: eventsTopic, groupId });
      return offsets.some(({ committedOffset }) => committedOffset === 1);
    })
    .toBe(true);
  await lost.close();
  const { caughtUp } = await feed();
  await caughtUp();
  expect(await store.countByState()).toEqual({ succeeded: 1 });
});

test('a topic that was created anew is read from its beginning', async () => {
  const { broker, store, write, feed } = createWorld();
  await write(event('succeeded'));
  const { feedId } = await store.progress(eventsTopic);
  const partition = broker.records(eventsTopic)[0]?.partition ?? 0;
  await store.save(
    [event('failed', { requestId: 'old' })],
    [{ feedId, topic: eventsTopic, partition, nextOffset: 100 }],
  );
  const { caughtUp } = await feed();
  await caughtUp();
  expect(await store.countByState()).toEqual({ failed: 1, succeeded: 1 });
});

test('the retention is enforced, and late events do not bring back what was forgotten', async () => {
  const { store, logged, write, feed } = createWorld();
  const timestamp = new Date(Date.now() - 2 * dayMs);
  await write(event('succeeded', { timestamp }), event('waiting', { requestId: 'r2', timestamp }));
  const first = await feed({ retention: { maxAgeMs: dayMs } });
  await first.caughtUp();
  await first.close();
  expect(await store.countByState()).toEqual({ waiting: 1 });
  const { caughtUp } = await feed();
  await write(event('dispatched'));
  await caughtUp();
  expect(await store.get({ deviceId: 'd1', requestId: 'r1' })).toBeUndefined();
  expect(logged).toContainEqual(expect.objectContaining({ requestId: 'r1', reason: 'forgotten' }));
});

test('the number of commands is kept within its limit while a long topic is read', async () => {
  const { store, write, feed } = createWorld();
  const events = Array.from({ length: 12_000 }, (_, index) =>
    event('succeeded', { requestId: `r${index}`, second: index }),
  );
  await write(...events);
  let mostCommands = 0;
  const save: typeof store.save = async (...batch) => {
    const outcome = await store.save(...batch);
    mostCommands = Math.max(mostCommands, (await store.countByState()).succeeded ?? 0);
    return outcome;
  };
  const { caughtUp, close } = await feed({ store: { ...store, save }, retention: { maxCommands: 100 } });
  await caughtUp();
  expect(mostCommands).toBeLessThan(12_000);
  await close();
  expect(await store.countByState()).toEqual({ succeeded: 100 });
  expect((await store.list({ limit: 1 })).lifecycles[0]?.requestId).toBe('r11999');
});

test('a retention that is none is refused', async () => {
  const { feed } = createWorld();
  await expect(feed({ retention: { maxCommands: 0 } })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
  });
  await expect(feed({ retention: { maxAgeMs: 0.5 } })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
  });
});

test('untilCaughtUp tells how far it is, and ends when nothing comes, with the signal, and with the feed', async () => {
  const { store, write, feed } = createWorld();
  await write(event('dispatched'), event('delivered'), event('waiting', { requestId: 'r2', deviceId: 'd2' }));
  const progress: (readonly [number, number])[] = [];
  const working = await feed();
  await working.untilCaughtUp({ timeoutMs: 5_000, onProgress: (...counts) => progress.push(counts) });
  expect(progress.at(-1)).toEqual([3, 3]);

  await working.close();
  await write(event('failed', { second: 1 }));
  const unreachable = () => Promise.reject(new StoreUnavailableError('no answer'));
  const stuck = await feed({ store: { ...store, save: unreachable } });
  await expect(stuck.untilCaughtUp({ timeoutMs: 1 })).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining('1 offsets are left'),
  });
  const signal = AbortSignal.abort();
  await expect(stuck.untilCaughtUp({ timeoutMs: 5_000, signal })).rejects.toMatchObject({ code: 'ABORTED' });
  const waiting = stuck.caughtUp();
  await Promise.all([stuck.close(), expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })]);
});

test('where the topic does not exist, there is no feed', async () => {
  const { feed } = createWorld();
  const backend = createMemoryBackend({ autoCreateTopics: false });
  await expect(feed({ backend })).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN' });
});
