import { expect, test } from 'vitest';
import { event, lifecycleOf } from '../test/events.js';
import { command, createWorld } from '../test/world.js';
import { isProven } from './index.js';

const claimed = event('succeeded', { deviceId: 'd2', evidence: 'executed' });

test('a device that claims the request id of another device hides nothing of its command', async () => {
  const { tracker, write } = await createWorld();
  const watched = tracker.watch({ deviceId: 'd1' });
  await write(
    claimed,
    event('dispatched', { second: 1 }),
    event('failed', { second: 2, evidence: 'executed' }),
  );
  expect((await watched.next()).value).toMatchObject({ lifecycle: { deviceId: 'd1', state: 'dispatched' } });
  expect((await watched.next()).value).toMatchObject({ lifecycle: { deviceId: 'd1', state: 'failed' } });
});

test('two devices have commands of the same request id, each its own', async () => {
  const { tracker, service, write } = await createWorld();
  const one = tracker.pushAndWait(service, command(), { until: 'succeeded' });
  const other = tracker.pushAndWait(service, command({ deviceId: 'd2' }), { until: 'succeeded' });
  for (const [deviceId, result] of [
    ['d2', 2],
    ['d1', 1],
  ] as const) {
    await write(event('dispatched', { deviceId }));
    await write(event('succeeded', { deviceId, second: 1, evidence: 'executed', result }));
  }
  expect([(await one).result, (await other).result]).toEqual([1, 2]);
});

test('an answer counts once the command was dispatched to the device, in whatever order the two come', () => {
  const dispatched = event('dispatched');
  for (const state of ['delivered', 'succeeded', 'failed', 'rejected'] as const) {
    const answer = event(state, {
      second: 1,
      evidence: state === 'delivered' ? 'device' : 'executed',
      result: 1,
    });
    const alone = lifecycleOf([answer]);
    expect(alone).toMatchObject({
      state: 'published',
      isFinal: false,
      evidence: undefined,
      result: undefined,
    });
    expect(isProven(alone)).toBe(false);
    expect(lifecycleOf([event('published'), answer])).toMatchObject({
      state: 'published',
      result: undefined,
    });
    for (const events of [
      [answer, dispatched],
      [dispatched, answer],
    ]) {
      expect(lifecycleOf(events)).toMatchObject({ state, result: 1 });
      expect(isProven(lifecycleOf(events))).toBe(true);
    }
  }
});

test('no wait ends with an answer to a command that was not dispatched', async () => {
  const { tracker, service, write } = await createWorld();
  const waiting = tracker.pushAndWait(service, command(), { until: 'delivered' });
  await write(event('delivered', { evidence: 'device', result: 'made up' }));
  await write(event('expired', { second: 1 }));
  await expect(waiting).rejects.toMatchObject({ code: 'COMMAND_FAILED', lifecycle: { state: 'expired' } });
});

test('claims of devices displace no command in progress', async () => {
  const { tracker, write } = await createWorld({ limits: { maxFinished: 2, maxUnfinished: 2 } });
  const watched = tracker.watch({ deviceId: 'd1' });
  await write(event('dispatched'));
  await write(...[1, 2, 3, 4, 5, 6].map((index) => ({ ...claimed, requestId: `claimed-${index}` })));
  await write(event('succeeded', { second: 1, evidence: 'executed' }));
  await watched.next();
  expect((await watched.next()).value).toMatchObject({ lifecycle: { state: 'succeeded' } });
});
