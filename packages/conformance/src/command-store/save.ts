import assert from 'node:assert/strict';
import { exactNumbers, type JsonValue, type LifecycleEvent, parseExactJson } from '@preservarium/core';
import type { CommandStoreSuite } from '../command-store-harness.js';
import { at, idOf, storedEvent } from './stored-event.js';
import { withStore } from './with-store.js';

export function saveTests({ test, harness }: CommandStoreSuite): void {
  test('save: a result keeps all digits of its numbers', () =>
    withStore(harness, async (store) => {
      const text = '{"serial":1724442618569203714,"list":[21.0]}';
      await store.save([storedEvent('succeeded', { result: parseExactJson(text) as JsonValue })]);
      await store.save([storedEvent('delivered', { second: -1 })]);
      const stored = await store.get(idOf('r1'));
      assert.equal(JSON.stringify(exactNumbers(stored?.result)), text);
    }));

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
        issuedBy: 'key:größe',
      };
      await store.save([
        storedEvent('dispatched', { second: -1, requestId: event.requestId, deviceId: event.deviceId }),
        event,
      ]);
      const { requestId, deviceId, commandType, protocol, issuedBy, evidence, reason, result } = event;
      assert.deepEqual(await store.get({ deviceId, requestId }), {
        ...{ requestId, deviceId, commandType, protocol, issuedBy, evidence, reason, result },
        state: 'failed',
        isFinal: true,
        timestamp: at(0),
        nextAttemptAt: undefined,
        behind: undefined,
        events: [storedEvent('dispatched', { second: -1, requestId, deviceId }), event],
      });
      const { lifecycles } = await store.list({ limit: 10, commandType: 'open\u0000\ud800' });
      assert.deepEqual(
        lifecycles.map((each) => each.requestId),
        [requestId],
      );
    }));

  test('save: nothing is known of a command without events', () =>
    withStore(harness, async (store) => {
      await store.save([]);
      assert.equal(await store.get(idOf('r1')), undefined);
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
      const [a, ...others] = await Promise.all(
        ['a', 'b', 'c'].map((requestId) => store.get(idOf(requestId))),
      );
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

  test('save: a command that waits says why, until when and behind which other one', () =>
    withStore(harness, async (store) => {
      const wait = { reason: 'unanswered', nextAttemptAt: at(600), behind: 'r0' };
      await store.save([storedEvent('dispatched', { attempt: 1 })]);
      await store.save([storedEvent('waiting', { second: 1, ...wait })]);
      const { lifecycles } = await store.list({ limit: 10, states: ['waiting'], deviceId: 'd1' });
      const [{ reason, nextAttemptAt, behind } = {}] = lifecycles;
      assert.deepEqual({ reason, nextAttemptAt, behind }, wait);
      await store.save([storedEvent('dispatched', { second: 600, attempt: 2 })]);
      assert.deepEqual(await store.countByState(), { dispatched: 1 });
    }));

  test('save: a redrive begins a new life, whose state counts, and the end of the first stays', () =>
    withStore(harness, async (store) => {
      const redrivenAt = at(10);
      const dead = storedEvent('dead', { second: 2, attempt: 5 });
      const published = storedEvent('published', { second: 10, evidence: 'broker', redrivenAt });
      const dispatched = storedEvent('dispatched', { second: 11, attempt: 1, redrivenAt });
      await store.save([storedEvent('dispatched', { second: 1, attempt: 5 }), dead]);
      assert.deepEqual(await store.countByState(), { dead: 1 });
      await store.save([dispatched]);
      assert.deepEqual(await store.countByState(), { dispatched: 1 });
      await store.save([published]);
      const lifecycle = await store.get(idOf('r1'));
      assert.equal(lifecycle?.isFinal, false);
      assert.deepEqual(lifecycle.events.slice(1), [dead, published, dispatched]);
      assert.equal(await store.prune({ finishedBefore: at(1_000) }), 0);
    }));

  test('save: what an earlier owner of the partition writes late changes nothing that the newer one says', () =>
    withStore(harness, async (store) => {
      const [older, newer] = [{ claimEpoch: 7 }, { claimEpoch: 8 }];
      await store.save([storedEvent('dispatched', { second: 1, attempt: 1, ...older })]);
      await store.save([storedEvent('waiting', { second: 5, reason: 'unreachable', ...newer })]);
      const late = storedEvent('delivered', { second: 9, evidence: 'gateway', ...older });
      await store.save([late, storedEvent('dead', { second: 10, ...older })]);
      const lifecycle = await store.get(idOf('r1'));
      assert.deepEqual([lifecycle?.state, lifecycle?.isFinal], ['waiting', false]);
      assert.deepEqual(await store.countByState(), { waiting: 1 });
      assert.equal(await store.prune({ finishedBefore: at(1_000) }), 0);
      await store.save([storedEvent('succeeded', { second: 11, evidence: 'executed', ...older })]);
      assert.deepEqual(await store.countByState(), { succeeded: 1 });
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
        (await store.get(idOf('r699')))?.events.map(({ state }) => state),
        states,
      );
    }));

  test('save: a device that claims the request id of another device changes nothing of its command', () =>
    withStore(harness, async (store) => {
      const claim = storedEvent('succeeded', { deviceId: 'd2', evidence: 'executed' });
      assert.deepEqual(await store.save([claim, storedEvent('dispatched', { second: 1 })]), {
        kind: 'saved',
        refused: [],
      });
      await store.save([claim, storedEvent('failed', { second: 2, evidence: 'executed' })]);
      const lifecycle = await store.get(idOf('r1'));
      assert.deepEqual([lifecycle?.deviceId, lifecycle?.state], ['d1', 'failed']);
      const { lifecycles } = await store.list({ limit: 10, requestId: 'r1' });
      assert.deepEqual(lifecycles, [lifecycle]);
    }));

  test('save: two devices have commands of the same request id, each its own', () =>
    withStore(harness, async (store) => {
      await store.save([storedEvent('dispatched'), storedEvent('dead', { deviceId: 'd2', second: 1 })]);
      assert.equal((await store.get(idOf('r1')))?.state, 'dispatched');
      assert.equal((await store.get(idOf('r1', 'd2')))?.state, 'dead');
      const { lifecycles } = await store.list({ limit: 10, requestId: 'r1' });
      assert.deepEqual(
        lifecycles.map(({ deviceId }) => deviceId),
        ['d2', 'd1'],
      );
      assert.deepEqual(await store.countByState({ requestId: 'r1' }), { dispatched: 1, dead: 1 });
    }));

  test('save: an answer counts once the command was dispatched to the device, in whatever order the two come', () =>
    withStore(harness, async (store) => {
      const answer = storedEvent('succeeded', { second: 1, evidence: 'executed' });
      await store.save([answer, { ...answer, requestId: 'made up' }]);
      assert.equal(await store.get(idOf('r1')), undefined);
      assert.deepEqual(await store.countByState(), {});
      assert.deepEqual((await store.list({ limit: 10 })).lifecycles, []);
      await store.save([storedEvent('dispatched')]);
      assert.equal((await store.get(idOf('r1')))?.state, 'succeeded');
      assert.deepEqual(await store.countByState(), { succeeded: 1 });
      assert.equal((await store.list({ limit: 10 })).lifecycles.length, 1);
    }));

  test('lifecycle: after close every call is rejected as such, and a second close is none', () =>
    withStore(harness, async (store) => {
      await store.close();
      await store.close();
      const calls = [
        store.save([storedEvent('dispatched')]),
        store.get(idOf('r1')),
        store.list({ limit: 1 }),
        store.countByState(),
        store.prune({ maxCommands: 1 }),
        store.forget('d1'),
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
