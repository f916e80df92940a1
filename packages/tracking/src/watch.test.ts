import { expect, test } from 'vitest';
import { event } from '../test/events.js';
import { command, createWorld, readAll } from '../test/world.js';

test('track gives each change of a command, and ends after its final state', async () => {
  const { tracker, write } = await createWorld();
  const tracked = readAll(tracker.track({ deviceId: 'd1', requestId: 'r1' }));
  const delivered = event('delivered', { second: 1 });
  await write(event('dispatched'), delivered, delivered, event('delivered', { requestId: 'r2' }));
  await write(event('failed', { second: 2 }), event('succeeded', { second: 3 }));
  expect((await tracked).map(({ state }) => state)).toEqual(['dispatched', 'delivered', 'failed']);
});

test.each(['maxFinished', 'maxUnfinished', 'maxUnread'])('a limit %s of 0 is refused', async (name) => {
  await expect(createWorld({ limits: { [name]: 0 } })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringContaining(`limits.${name}: 0 is not`),
  });
});

test('track begins with what is known', async () => {
  const { tracker, write } = await createWorld();
  const seen = tracker.watch({ states: ['succeeded'] });
  await write(event('dispatched'), event('succeeded', { second: 1 }));
  await seen.next();
  const [only, ...others] = await readAll(tracker.track({ deviceId: 'd1', requestId: 'r1' }));
  expect(only).toMatchObject({
    state: 'succeeded',
    events: [{ state: 'dispatched' }, { state: 'succeeded' }],
  });
  expect(others).toEqual([]);
});

test('track follows a command that is pushed after it', async () => {
  const { tracker, service, write } = await createWorld();
  const tracked = readAll(tracker.track({ deviceId: 'd1', requestId: 'r1' }));
  await tracker.pushAndWait(service, command(), { until: 'published' });
  await write(event('expired', { second: 1 }));
  expect((await tracked).map(({ state }) => state)).toEqual(['published', 'expired']);
});

test('watch gives every event that fits the filter', async () => {
  const { tracker, write } = await createWorld();
  const readers = {
    all: tracker.watch(),
    device: tracker.watch({ deviceId: 'd1' }),
    request: tracker.watch({ requestId: 'r2' }),
    states: tracker.watch({ states: ['dead', 'failed'] }),
    allOfIt: tracker.watch({ deviceId: 'd2', requestId: 'r2', states: ['delivered'] }),
  };
  const repeated = event('delivered', { second: 1 });
  const second = { requestId: 'r2', deviceId: 'd2' };
  const events = [event('dispatched'), repeated, repeated, event('delivered', second), event('dead', second)];
  for (const each of events) await write(each);
  const last = readers.all;
  for (let count = 0; count < events.length; count++) await last.next();
  await tracker.close();
  const seen = async (name: keyof typeof readers) =>
    (await readAll(readers[name])).map((each) => `${each.event.requestId} ${each.event.state}`);
  expect(await seen('all')).toEqual([]);
  expect(await seen('device')).toEqual(['r1 dispatched', 'r1 delivered', 'r1 delivered']);
  expect(await seen('request')).toEqual(['r2 delivered', 'r2 dead']);
  expect(await seen('states')).toEqual(['r2 dead']);
  expect(await seen('allOfIt')).toEqual(['r2 delivered']);
});

test('watch gives a late event with the lifecycle as it is', async () => {
  const { tracker, write } = await createWorld();
  const watched = tracker.watch();
  await write(event('succeeded', { second: 2 }), event('delivered', { second: 1 }));
  await watched.next();
  expect((await watched.next()).value).toMatchObject({
    event: { state: 'delivered' },
    lifecycle: { state: 'succeeded', events: [{ state: 'delivered' }, { state: 'succeeded' }] },
  });
});

test('a reader that falls too far behind gets what it has room for, then an error', async () => {
  const { tracker, write } = await createWorld({ limits: { maxUnread: 2 } });
  const slow = tracker.watch();
  const other = tracker.watch();
  const events = [0, 1, 2].map((second) => event('waiting', { second }));
  for (const each of events) {
    await write(each);
    await other.next();
  }
  expect([(await slow.next()).value, (await slow.next()).value]).toMatchObject(
    events.slice(0, 2).map((each) => ({ event: each })),
  );
  await expect(slow.next()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  expect(await slow.next()).toEqual({ done: true, value: undefined });
});

test('large unread events count by their bytes', async () => {
  const { tracker, write } = await createWorld();
  const slow = tracker.watch();
  const ofCommand = tracker.track({ deviceId: 'd1', requestId: 'r0' });
  const other = tracker.watch();
  await write(event('dispatched', { requestId: 'r0' }));
  await other.next();
  const result = 'x'.repeat(900_000);
  for (let index = 0; index < 80; index++) {
    await write(event('succeeded', { requestId: `r${index}`, evidence: 'executed', result }));
    await other.next();
  }
  let read = 0;
  const error = await (async () => {
    for await (const _ of slow) read += 1;
  })().catch((problem: unknown) => problem);
  expect(error).toMatchObject({
    code: 'QUEUE_FULL',
    message: 'limit of unread lifecycle events reached (67108864 bytes): read faster, or filter more',
  });
  expect(read).toBeGreaterThan(30);
  expect((await readAll(ofCommand)).map(({ state }) => state)).toEqual(['dispatched', 'succeeded']);
});

test('iterations end with return, with their signal, and when the tracker is closed', async () => {
  const { tracker } = await createWorld();
  const controller = new AbortController();
  const { signal } = controller;
  const returned = tracker.watch();
  const aborted = tracker.watch({ signal });
  const closed = tracker.track({ deviceId: 'd1', requestId: 'r1' });
  const pending = [returned, aborted, closed].map((reader) => reader.next());
  await returned.return?.();
  controller.abort();
  await tracker.close();
  expect(await Promise.all(pending)).toEqual(Array(3).fill({ done: true, value: undefined }));
  expect(() => tracker.track({ deviceId: 'd1', requestId: 'r1' })).toThrow(
    expect.objectContaining({ code: 'CLOSED' }),
  );
});

test('a signal that is aborted already ends the iteration before it begins', async () => {
  const { tracker } = await createWorld();
  const signal = AbortSignal.abort();
  expect(await readAll(tracker.watch({ signal }))).toEqual([]);
  expect(await readAll(tracker.track({ deviceId: 'd1', requestId: 'r1' }, { signal }))).toEqual([]);
});

test('finished commands are forgotten beyond the limit, and displace no unfinished one', async () => {
  const { tracker, write } = await createWorld({ limits: { maxFinished: 2, maxUnfinished: 2 } });
  const seen = tracker.watch({ requestId: 'last' });
  const devices = { deviceId: 'd1' };
  await write(event('dispatched', { ...devices, requestId: 'open' }));
  await write(...[1, 2, 3, 4, 5, 6].map((index) => event('succeeded', { requestId: `done-${index}` })));
  await write(event('dispatched', { requestId: 'last' }));
  await seen.next();
  const isKnown = async (requestId: string) => {
    const first = tracker.track({ deviceId: 'd1', requestId }).next();
    await tracker.track({ deviceId: 'd1', requestId: 'last' }).next();
    return (await Promise.race([first, Promise.resolve(undefined)])) !== undefined;
  };
  expect(await isKnown('open')).toBe(true);
  expect(await isKnown('done-6')).toBe(true);
  expect(await isKnown('done-1')).toBe(false);
});
