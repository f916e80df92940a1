import type { ConsumedRecord, SubscribeOptions } from '@preservarium/backend';
import { SubscriptionFailedError } from '@preservarium/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GroupMember, MemberDuties } from './group-member.js';
import { openSubscription } from './subscription.js';

const settings = { brokers: ['localhost:9092'] };
const partition = { topic: 'commands', partition: 0 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Members that do what a test tells them, in place of kafkajs' consumers. */
function fakeGroup(options: Partial<SubscribeOptions> = {}) {
  const members: { duties: MemberDuties; crash(error: unknown): void; joined(): void; commits: unknown[] }[] =
    [];
  const subscription = openSubscription(
    settings,
    { topics: ['commands'], groupId: 'group', from: 'beginning', onRecords: async () => {}, ...options },
    (_settings, duties): GroupMember => {
      const joined = Promise.withResolvers<void>();
      const crashed = Promise.withResolvers<unknown>();
      const commits: unknown[] = [];
      members.push({ duties, crash: crashed.resolve, joined: joined.resolve, commits });
      return {
        joined: joined.promise,
        crashed: crashed.promise,
        commit: async (positions) => {
          commits.push(...positions);
        },
        isConnected: () => true,
        leave: async () => {},
      };
    },
  );
  return {
    subscription,
    members,
    member(index = members.length - 1) {
      const member = members[index];
      if (member === undefined) throw new Error(`there are ${members.length} members`);
      return member;
    },
  };
}

function records(...offsets: number[]): ConsumedRecord[] {
  return offsets.map((offset) => ({
    ...partition,
    offset,
    timestampMs: 0,
    key: null,
    value: null,
    headers: {},
  }));
}

async function joinedGroup(options: Partial<SubscribeOptions> = {}) {
  const group = fakeGroup(options);
  group.member().duties.onAssigned([partition]);
  group.member().joined();
  await group.subscription.joined;
  return group;
}

test('a member that crashes is replaced, and its partitions are revoked', async () => {
  const onRevoked = vi.fn(async () => {});
  const group = await joinedGroup({ onRevoked });
  group.member().crash(new Error('broken'));
  await vi.advanceTimersByTimeAsync(500);
  expect(group.members).toHaveLength(2);
  expect(onRevoked).toHaveBeenCalledExactlyOnceWith([partition]);
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('after five restarts within five minutes, closed rejects with SUBSCRIPTION_FAILED', async () => {
  const group = await joinedGroup();
  const closed = expect(group.subscription.closed).rejects.toMatchObject({ code: 'SUBSCRIPTION_FAILED' });
  for (let restarts = 0; restarts < 6; restarts++) {
    group.member().crash(new Error('broken'));
    await vi.advanceTimersByTimeAsync(10_000);
  }
  await closed;
  expect(group.members).toHaveLength(6);
});

test('restarts of long ago do not count', async () => {
  const group = await joinedGroup();
  for (let restarts = 0; restarts < 8; restarts++) {
    group.member().crash(new Error('broken'));
    await vi.advanceTimersByTimeAsync(100_000);
  }
  expect(group.members).toHaveLength(9);
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('what cannot get better by a restart ends the subscription at once', async () => {
  const group = await joinedGroup();
  const closed = expect(group.subscription.closed).rejects.toBeInstanceOf(SubscriptionFailedError);
  group.member().crash(Object.assign(new Error('forbidden'), { type: 'GROUP_AUTHORIZATION_FAILED' }));
  await vi.advanceTimersByTimeAsync(0);
  await closed;
  expect(group.members).toHaveLength(1);
});

test('settled offsets are committed within a second, and nothing that was not handed over', async () => {
  const group = await joinedGroup();
  await group.member().duties.onRecords(records(3, 4, 5));
  group.subscription.settle({ ...partition, nextOffset: 5 });
  group.subscription.settle({ ...partition, nextOffset: 99 });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(group.member().commits).toEqual([{ ...partition, nextOffset: 5 }]);
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('before a rejoin onRevoked is awaited and what it settles is committed; what is settled later is not', async () => {
  const revoked = Promise.withResolvers<void>();
  const group = await joinedGroup({ onRevoked: () => revoked.promise });
  const { duties, commits } = group.member();
  await duties.onRecords(records(0, 1, 2));
  const rejoining = duties.beforeJoin();
  group.subscription.settle({ ...partition, nextOffset: 2 });
  revoked.resolve();
  await rejoining;
  expect(commits).toEqual([{ ...partition, nextOffset: 2 }]);
  group.subscription.settle({ ...partition, nextOffset: 3 });
  await group.subscription.close({ timeoutMs: 1_000 });
  expect(commits).toHaveLength(1);
});

test('an onRevoked that hangs does not keep the member from its group', async () => {
  const group = await joinedGroup({ onRevoked: () => new Promise(() => {}) });
  const rejoining = group.member().duties.beforeJoin();
  await vi.advanceTimersByTimeAsync(30_000);
  await rejoining;
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('a partition that comes back waits for the call of onRecords that is under way', async () => {
  const slow = Promise.withResolvers<void>();
  const calls: number[] = [];
  const group = await joinedGroup({
    onRecords: async ([first]) => {
      calls.push(first?.offset ?? -1);
      await slow.promise;
    },
  });
  const { duties } = group.member();
  void duties.onRecords(records(0));
  await vi.advanceTimersByTimeAsync(0);
  await duties.beforeJoin();
  duties.onAssigned([partition]);
  const again = duties.onRecords(records(0, 1));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(calls).toEqual([0]);
  slow.resolve();
  await again;
  expect(calls).toEqual([0, 0]);
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('closing before it has joined ends the wait with CLOSED', async () => {
  const group = fakeGroup();
  const joined = expect(group.subscription.joined).rejects.toMatchObject({ code: 'CLOSED' });
  await group.subscription.close({ timeoutMs: 1_000 });
  await joined;
});
