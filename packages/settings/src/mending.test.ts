import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createWorld, desiredTopic, places, readSettings } from '../test/world.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const current = { settings: { a: 1 } };

/** A device with settings, and after them a record that lost the race: its writer was gone before it could mend that. */
async function createBrokenWorld(place: (typeof places)[number]) {
  const world = createWorld(place);
  await world.service.pushSettings('d1', { a: 0 });
  await world.write({ deviceId: 'd1', settings: { a: 1 }, baseVersion: 0 });
  await world.write({ deviceId: 'd1', settings: { a: 2 }, baseVersion: 0 });
  return world;
}

const lastRecord = (world: ReturnType<typeof createWorld>) => readSettings(world.broker, desiredTopic).at(-1);

describe.each(places)('settings in %s', (place) => {
  test('who loses a race for a version leaves what counts as the last record', async () => {
    const world = createWorld(place);
    const [one, other] = [await world.open(), await world.open()];
    const results = await Promise.allSettled(
      [one, other].map((settings, index) => settings.pushSettings('d1', { index }, { ifVersion: -1 })),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(lastRecord(world)).toMatchObject({ settings: one.getSettings('d1')?.desired, baseVersion: 0 });
  });

  test('a lost record that its writer left as the last one is mended by who follows, at the start or later', async () => {
    const world = await createBrokenWorld(place);
    const settings = await world.open();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lastRecord(world)).toMatchObject(current);
    const version = settings.getSettings('d1')?.desiredVersion ?? -1;
    await world.write({ deviceId: 'd1', settings: { a: 3 }, baseVersion: 0 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lastRecord(world)).toMatchObject({ ...current, baseVersion: version });
  });

  test('so is a record that cannot be read', async () => {
    const world = await createBrokenWorld(place);
    await world.open();
    for (const value of ['no JSON', '{"device_id":"d2","settings":{}}']) {
      await world.writeValue('d1', Buffer.from(value));
      await vi.advanceTimersByTimeAsync(10_000);
      expect(lastRecord(world)).toMatchObject({ deviceId: 'd1', ...current });
    }
  });

  test('nothing is mended that another has mended, or that a push has followed', async () => {
    const world = await createBrokenWorld(place);
    const settings = await world.open();
    await vi.advanceTimersByTimeAsync(1_000);
    const { requestId } = await settings.pushSettings('d1', { b: 1 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lastRecord(world)).toMatchObject({ requestId, settings: { a: 1, b: 1 } });
  });

  test('of several that follow, all agree in the end', async () => {
    const world = await createBrokenWorld(place);
    const processes = await Promise.all([world.open(), world.open(), world.open()]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lastRecord(world)).toMatchObject(current);
    const records = readSettings(world.broker, desiredTopic).length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(readSettings(world.broker, desiredTopic)).toHaveLength(records);
    expect(new Set(processes.map((each) => each.getSettings('d1')?.desiredVersion)).size).toBe(1);
  });

  test('a first record that cannot be read is left: there is nothing to put in its place', async () => {
    const world = createWorld(place);
    await world.writeValue('d1', Buffer.from('no JSON'));
    const settings = await world.open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(readSettings(world.broker, desiredTopic)).toHaveLength(1);
    expect(settings.getSettings('d1')).toBeUndefined();
  });
});
