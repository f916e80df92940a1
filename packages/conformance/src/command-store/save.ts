import assert from 'node:assert/strict';
import type { LifecycleEvent } from '@preservarium/core';
import type { CommandStoreSuite } from '../command-store-harness.js';
import { at, storedEvent } from './stored-event.js';
import { withStore } from './with-store.js';

export function saveTests({ test, harness }: CommandStoreSuite): void {
  test('save: a command has all that its event says, whatever is in it', () =>
    withStore(harness, async (store) => {
      const event: LifecycleEvent = {
        ...storedEvent('failed', { requestId: 'größe-°C-🚀', deviceId: 'd\'1"' }),
        commandType: 'open\u0000\ud800',
        protocol: 'mqtt',
        evidence: 'executed',
        attempt: 3,
        reason: 'jammed\u0000\n\ud800',
        result: { angle: 1.5e-7, text: '\u0000', list: [null, true, 2 ** 53] },
        mayBeRepeat: true,
      };
      await store.save([event]);
      const { requestId, deviceId, commandType, protocol, evidence, reason, result } = event;
      assert.deepEqual(await store.get(requestId), {
        ...{ requestId, deviceId, commandType, protocol, evidence, reason, result },
        state: 'failed',
        isFinal: true,
        timestamp: at(0),
        events: [event],
      });
      const { lifecycles } = await store.list({ limit: 10, commandType: 'open\u0000\ud800' });
      assert.deepEqual(lifecycles.map(idOf), [requestId]);
    }));

  test('save: nothing is known of a command without events', () =>
    withStore(harness, async (store) => {
      await store.save([]);
      assert.equal(await store.get('r1'), undefined);
    }));

  test('save: the same events give the same command, in whatever order and however often they come', () =>
    withStore(harness, async (store) => {
      const events = [
        storedEvent('dispatched', { second: 1, attempt: 1, protocol: 'mqtt' }),
        storedEvent('waiting', { second: 2 }),
        storedEvent('dispatched', { second: 3, attempt: 2 }),
        storedEvent('delivered', { second: 4, evidence: 'gateway' }),
        storedEvent('delivered', { second: 5, evidence: 'device' }),
        storedEvent('succeeded', { second: 6, evidence: 'executed', result: 1 }),
        storedEvent('dead', { second: 7 }),
      ];
      const renamed = (requestId: string, told: readonly LifecycleEvent[]) =>
        told.map((event) => ({ ...event, requestId }));
      await store.save(renamed('a', events));
      await store.save(renamed('b', events.toReversed()));
      for (const event of renamed('c', [...events.slice(3), ...events, ...events.slice(0, 5)])) {
        await store.save([event]);
      }
      const [a, ...others] = await Promise.all(['a', 'b', 'c'].map((requestId) => store.get(requestId)));
      assert.equal(a?.state, 'succeeded');
      assert.equal(a.result, 1);
      assert.deepEqual(
        a.events.map(({ state, timestamp }) => [state, timestamp]),
        [
          ['waiting', at(2)],
          ['dispatched', at(3)],
          ['delivered', at(5)],
          ['succeeded', at(6)],
          ['dead', at(7)],
        ],
      );
      for (const other of others) {
        assert.deepEqual(other && { ...other, requestId: 'a', events: renamed('a', other.events) }, a);
      }
    }));

  test('save: a batch changes each command by all of its events', () =>
    withStore(harness, async (store) => {
      const ids = Array.from({ length: 700 }, (_, index) => `r${index}`);
      const states = ['dispatched', 'delivered', 'succeeded'] as const;
      const events = states.flatMap((state, second) =>
        ids.map((requestId) => storedEvent(state, { requestId, second })),
      );
      assert.deepEqual(await store.save(events), { kind: 'saved', refused: [] });
      assert.deepEqual(await store.countByState(), { succeeded: 700 });
      assert.deepEqual(
        (await store.get('r699'))?.events.map(({ state }) => state),
        states,
      );
    }));

  test('save: an event of another device than the command is for is refused, and takes no other with it', () =>
    withStore(harness, async (store) => {
      const foreign = storedEvent('succeeded', { deviceId: 'd2', second: 1 });
      const outcome = await store.save([
        storedEvent('dispatched'),
        foreign,
        storedEvent('delivered', { second: 2 }),
      ]);
      assert.deepEqual(outcome, { kind: 'saved', refused: [{ event: foreign, reason: 'other-device' }] });
      assert.deepEqual(await store.save([foreign]), outcome);
      const lifecycle = await store.get('r1');
      assert.deepEqual([lifecycle?.deviceId, lifecycle?.state], ['d1', 'delivered']);
    }));

  test('lifecycle: after close every call is rejected as such, and a second close is none', () =>
    withStore(harness, async (store) => {
      await store.close();
      await store.close();
      const calls = [
        store.save([storedEvent('dispatched')]),
        store.get('r1'),
        store.list({ limit: 1 }),
        store.countByState(),
        store.prune({ maxCommands: 1 }),
        store.progress('events'),
        store.clear(),
        store.renewFeed(),
      ];
      for (const call of await Promise.allSettled(calls)) {
        assert.equal(call.status, 'rejected');
        assert.equal(call.reason.code, 'CLOSED');
      }
    }));
}

function idOf({ requestId }: { readonly requestId: string }): string {
  return requestId;
}
