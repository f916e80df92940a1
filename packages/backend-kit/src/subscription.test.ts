import { type ConsumedRecord, type SubscribeOptions, silentLogger } from '@preservarium/backend';
import {
  AuthorizationError,
  BackendUnavailableError,
  type PusherError,
  SubscriptionFailedError,
  TopicUnknownError,
} from '@preservarium/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GroupMember, GroupMemberCallbacks, MemberFailure } from './group-member.js';
import { openSubscription } from './subscription.js';

const partition = { topic: 'commands', partition: 0 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface FakeMember {
  readonly callbacks: GroupMemberCallbacks;
  readonly commits: unknown[];
  joined(): void;
  breakDown(error: PusherError, wasConnected?: boolean): void;
}

/** Members that do what a test says, in place of Kafka clients. */
function fakeGroup(options: Partial<SubscribeOptions> = {}, member: Partial<GroupMember> = {}) {
  const members: FakeMember[] = [];
  const subscription = openSubscription({
    subscribe: {
      topics: ['commands'],
      groupId: 'group',
      from: 'beginning',
      onRecords: async () => {},
      ...options,
    },
    logger: silentLogger,
    join(callbacks): GroupMember {
      const joined = Promise.withResolvers<void>();
      const broken = Promise.withResolvers<MemberFailure>();
      const commits: unknown[] = [];
      members.push({
        callbacks,
        commits,
        joined: joined.resolve,
        breakDown: (error, wasConnected = true) => broken.resolve({ error, wasConnected }),
      });
      return {
        joined: joined.promise,
        broken: broken.promise,
        commit: async (positions) => {
          commits.push(...positions);
        },
        offsets: async () => [{ partition: 0, committedOffset: 0, startOffset: 0, endOffset: 100 }],
        offsetsForTime: async () => new Map(),
        committed: async () => new Map([['commands/0', Number.MAX_SAFE_INTEGER]]),
        isConnected: () => true,
        leave: async () => {},
        ...member,
      };
    },
  });
  // A test that expects the end waits for it itself.
  subscription.joined.catch(() => {});
  return {
    subscription,
    members,
    member(index = members.length - 1) {
      const member = members[index];
      if (member === undefined) throw new Error(`there are ${members.length} members`);
      return member;
    },
    /** Hands records over as a member does. */
    handOver(...offsets: number[]) {
      const queue = members.at(-1)?.callbacks.queueOf(partition);
      for (const record of records(...offsets)) queue?.add(record);
      return queue?.handOver();
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
    headers: [],
  }));
}

async function joinedGroup(options: Partial<SubscribeOptions> = {}, member: Partial<GroupMember> = {}) {
  const group = fakeGroup(options, member);
  await group.member().callbacks.onAssigned([partition]);
  group.member().joined();
  await group.subscription.joined;
  return group;
}

const broken = new BackendUnavailableError('broken');

test('a member that breaks is replaced, and its partitions are revoked before', async () => {
  const onRevoked = vi.fn(async () => {});
  const group = await joinedGroup({ onRevoked });
  group.member().breakDown(broken);
  await vi.advanceTimersByTimeAsync(0);
  expect(onRevoked).toHaveBeenCalledExactlyOnceWith([partition]);
  expect(group.members).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(group.members).toHaveLength(2);
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('after 5 restarts within 5 minutes, with pauses twice as long each time, closed rejects with SUBSCRIPTION_FAILED', async () => {
  const group = await joinedGroup();
  const closed = expect(group.subscription.closed).rejects.toMatchObject({
    code: 'SUBSCRIPTION_FAILED',
    cause: broken,
  });
  for (const [restarts, pauseMs] of [500, 1_000, 2_000, 4_000, 8_000].entries()) {
    group.member().breakDown(broken);
    await vi.advanceTimersByTimeAsync(pauseMs - 1);
    expect(group.members).toHaveLength(restarts + 1);
    await vi.advanceTimersByTimeAsync(1);
    expect(group.members).toHaveLength(restarts + 2);
  }
  group.member().breakDown(broken);
  await vi.advanceTimersByTimeAsync(10_000);
  await closed;
  expect(group.members).toHaveLength(6);
});

test('restarts more than 5 minutes ago do not count', async () => {
  const group = await joinedGroup();
  for (let restarts = 0; restarts < 8; restarts++) {
    group.member().breakDown(broken);
    await vi.advanceTimersByTimeAsync(100_000);
  }
  expect(group.members).toHaveLength(9);
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('a failure that a new client cannot mend ends the subscription at once', async () => {
  const group = await joinedGroup();
  const closed = expect(group.subscription.closed).rejects.toBeInstanceOf(SubscriptionFailedError);
  group.member().breakDown(new AuthorizationError('forbidden'));
  await vi.advanceTimersByTimeAsync(0);
  await closed;
  expect(group.members).toHaveLength(1);
  expect(group.subscription.isConnected()).toBe(false);
});

test('a topic that is unknown for a moment costs a restart', async () => {
  const group = await joinedGroup();
  group.member().breakDown(new TopicUnknownError('commands'));
  await vi.advanceTimersByTimeAsync(500);
  expect(group.members).toHaveLength(2);
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('while it opens, a transient failure is tried again until 60 s have passed', async () => {
  const group = fakeGroup();
  const joined = expect(group.subscription.joined).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  for (let atMs = 0; atMs < 60_000; atMs += 10_000) {
    group.member().breakDown(broken);
    await vi.advanceTimersByTimeAsync(10_000);
  }
  await joined;
  expect(group.members).toHaveLength(7);
});

test('a member that hangs while it joins fails after 60 s', async () => {
  const group = fakeGroup();
  const joined = expect(group.subscription.joined).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
    message: expect.stringContaining('cannot join group "group"'),
  });
  await vi.advanceTimersByTimeAsync(60_000);
  await joined;
});

test.each([
  ['no broker answers', broken, false],
  ['the brokers refuse it', new AuthorizationError('forbidden'), true],
])('while it opens, subscribing rejects at once where %s', async (_, error, wasConnected) => {
  const group = fakeGroup();
  const joined = expect(group.subscription.joined).rejects.toBe(error);
  const closed = expect(group.subscription.closed).rejects.toBe(error);
  group.member().breakDown(error, wasConnected);
  await vi.advanceTimersByTimeAsync(0);
  await Promise.all([joined, closed]);
  expect(group.members).toHaveLength(1);
});

test('closing before it has joined ends the wait with CLOSED', async () => {
  const group = fakeGroup();
  const joined = expect(group.subscription.joined).rejects.toMatchObject({ code: 'CLOSED' });
  await group.subscription.close({ timeoutMs: 1_000 });
  await joined;
});

test('offsets marked as processed are committed within a second, and nothing that was not handed over', async () => {
  const group = await joinedGroup();
  await group.handOver(3, 4, 5);
  group.subscription.markProcessed({ ...partition, nextOffset: 2 });
  group.subscription.markProcessed({ ...partition, nextOffset: 5 });
  group.subscription.markProcessed({ ...partition, nextOffset: 99 });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(group.member().commits).toEqual([{ ...partition, nextOffset: 5 }]);
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('where a new group starts is committed before onAssigned is called', async () => {
  const committed: unknown[] = [];
  const onAssigned = vi.fn(() => expect(committed).toEqual([{ ...partition, nextOffset: 7 }]));
  const group = await joinedGroup(
    { from: 'end', onAssigned },
    {
      offsets: async () => [{ partition: 0, committedOffset: undefined, startOffset: 2, endOffset: 7 }],
      async commit(positions) {
        committed.push(...positions);
      },
    },
  );
  const start = {
    ...partition,
    nextOffset: 7,
    isNewTopic: false,
    isFirstStart: true,
    skippedRecords: 5,
    lostRecords: 0,
    readFrom: 7,
  };
  expect(onAssigned).toHaveBeenCalledExactlyOnceWith([start]);
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('an assignment that is revoked before its start is known is not handed to the application', async () => {
  const offsets = Promise.withResolvers<never[]>();
  const onAssigned = vi.fn();
  const group = fakeGroup({ onAssigned }, { offsets: () => offsets.promise });
  const { callbacks } = group.member();
  const assigning = callbacks.onAssigned([partition]);
  await callbacks.revokeAll();
  offsets.reject(broken);
  expect(await assigning).toBeUndefined();
  expect(onAssigned).not.toHaveBeenCalled();
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('closing ends the search for the start', async () => {
  const group = fakeGroup({}, { offsets: () => new Promise(() => {}) });
  const assigning = group.member().callbacks.onAssigned([partition]);
  await group.subscription.close({ timeoutMs: 1_000 });
  expect(await assigning).toBeUndefined();
});

test('a commit that the brokers do not answer rejects after 5 s, and the next one sends the offset again', async () => {
  const sent: unknown[] = [];
  const group = await joinedGroup(
    {},
    {
      commit(positions) {
        sent.push(positions);
        return sent.length === 1 ? new Promise(() => {}) : Promise.resolve();
      },
    },
  );
  await group.handOver(0);
  group.subscription.markProcessed({ ...partition, nextOffset: 1 });
  const committed = expect(group.subscription.commit()).rejects.toMatchObject({
    code: 'BACKEND_UNAVAILABLE',
  });
  await vi.advanceTimersByTimeAsync(5_000);
  await committed;
  await group.subscription.commit();
  expect(sent).toEqual([[{ ...partition, nextOffset: 1 }], [{ ...partition, nextOffset: 1 }]]);
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('before a rejoin onRevoked is awaited and what it marks is committed; what is marked later is not', async () => {
  const revoked = Promise.withResolvers<void>();
  const group = await joinedGroup({ onRevoked: () => revoked.promise });
  const { callbacks, commits } = group.member();
  await group.handOver(0, 1, 2);
  const rejoining = callbacks.revokeAll();
  group.subscription.markProcessed({ ...partition, nextOffset: 2 });
  revoked.resolve();
  await rejoining;
  expect(commits).toEqual([{ ...partition, nextOffset: 2 }]);
  group.subscription.markProcessed({ ...partition, nextOffset: 3 });
  await group.subscription.close({ timeoutMs: 1_000 });
  expect(commits).toHaveLength(1);
});

test('after a minute in which no commit was answered, a rebalance waits for two commits and not for all of them', async () => {
  const group = await joinedGroup({}, { commit: () => new Promise(() => {}) });
  await group.handOver(0);
  group.subscription.markProcessed({ ...partition, nextOffset: 1 });
  await vi.advanceTimersByTimeAsync(60_000);
  let isRevoked = false;
  void group
    .member()
    .callbacks.revokeAll()
    .then(() => {
      isRevoked = true;
    });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(isRevoked).toBe(true);
  await vi.advanceTimersByTimeAsync(0);
  const closed = group.subscription.close({ timeoutMs: 1_000 });
  await vi.advanceTimersByTimeAsync(1_000);
  await closed;
});

test('onRevoked is called once for a revocation, however often the member asks', async () => {
  const onRevoked = vi.fn(() => Promise.resolve());
  const group = await joinedGroup({ onRevoked });
  const { callbacks } = group.member();
  await Promise.all([callbacks.revokeAll(), callbacks.revokeAll()]);
  await callbacks.revokeAll();
  expect(onRevoked).toHaveBeenCalledOnce();
  await group.subscription.close({ timeoutMs: 1_000 });
});

test('an onRevoked that hangs does not keep the member from its group', async () => {
  const group = await joinedGroup({ onRevoked: () => new Promise(() => {}) });
  const rejoining = group.member().callbacks.revokeAll();
  await vi.advanceTimersByTimeAsync(25_000);
  await rejoining;
  expect(group.subscription.isConnected()).toBe(true);
  await group.subscription.close({ timeoutMs: 1_000 });
});

test.each([
  ['onRevoked rejects', { onRevoked: () => Promise.reject(new Error('mine')) }],
  [
    'onRevoked throws',
    {
      onRevoked() {
        throw new Error('mine');
      },
    },
  ],
])(
  'where %s, what is marked is committed and the subscription ends with SUBSCRIPTION_FAILED',
  async (_, options) => {
    const group = await joinedGroup(options);
    const closed = expect(group.subscription.closed).rejects.toMatchObject({
      code: 'SUBSCRIPTION_FAILED',
      cause: new Error('mine'),
    });
    await group.handOver(0);
    group.subscription.markProcessed({ ...partition, nextOffset: 1 });
    await group.member().callbacks.revokeAll();
    await closed;
    expect(group.member().commits).toEqual([{ ...partition, nextOffset: 1 }]);
  },
);

test('an onAssigned that throws ends the subscription with SUBSCRIPTION_FAILED', async () => {
  const group = fakeGroup({
    onAssigned() {
      throw new Error('mine');
    },
  });
  const failure = { code: 'SUBSCRIPTION_FAILED', cause: new Error('mine') };
  const rejected = [
    expect(group.subscription.joined).rejects.toMatchObject(failure),
    expect(group.subscription.closed).rejects.toMatchObject(failure),
  ];
  await group.member().callbacks.onAssigned([partition]);
  await vi.advanceTimersByTimeAsync(0);
  await Promise.all(rejected);
});

test('an onRecords that rejects ends the subscription with the same error', async () => {
  const failure = new Error('mine');
  const group = await joinedGroup({ onRecords: () => Promise.reject(failure) });
  const closed = expect(group.subscription.closed).rejects.toBe(failure);
  await group.handOver(0);
  await closed;
});

test('closing tries the last commit again while it has time, and ends without it at its deadline', async () => {
  let failures = 3;
  const sent: unknown[] = [];
  const group = await joinedGroup(
    {},
    {
      async commit(positions) {
        if (failures-- > 0) throw broken;
        sent.push(...positions);
      },
    },
  );
  await group.handOver(7);
  group.subscription.markProcessed({ ...partition, nextOffset: 8 });
  const closing = group.subscription.close({ timeoutMs: 10_000 });
  await vi.advanceTimersByTimeAsync(2_000);
  await closing;
  expect(sent).toEqual([{ ...partition, nextOffset: 8 }]);
});

test('closing ends at its deadline where the last commit fails without end', async () => {
  const group = await joinedGroup({}, { commit: () => Promise.reject(broken) });
  await group.handOver(7);
  group.subscription.markProcessed({ ...partition, nextOffset: 8 });
  const closing = group.subscription.close({ timeoutMs: 3_000 });
  await vi.advanceTimersByTimeAsync(3_000);
  await closing;
});

test('a rebalance while it closes waits for the last commit, and does not call onRevoked', async () => {
  const slow = Promise.withResolvers<void>();
  const onRevoked = vi.fn(async () => {});
  const group = await joinedGroup({ onRevoked, onRecords: () => slow.promise });
  void group.handOver(0);
  const closing = group.subscription.close({ timeoutMs: 10_000 });
  let isRevoked = false;
  const revoking = group
    .member()
    .callbacks.revokeAll()
    .then(() => {
      isRevoked = true;
    });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isRevoked).toBe(false);
  group.subscription.markProcessed({ ...partition, nextOffset: 1 });
  slow.resolve();
  await Promise.all([closing, revoking]);
  expect(group.member().commits).toEqual([{ ...partition, nextOffset: 1 }]);
  expect(onRevoked).not.toHaveBeenCalled();
});

test('a partition that comes back waits for the call of onRecords that is in flight', async () => {
  const slow = Promise.withResolvers<void>();
  const calls: number[] = [];
  const group = await joinedGroup({
    onRecords: async ([first]) => {
      calls.push(first?.offset ?? -1);
      await slow.promise;
    },
  });
  const { callbacks } = group.member();
  void group.handOver(0);
  await callbacks.revokeAll();
  await callbacks.onAssigned([partition]);
  const again = group.handOver(0, 1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(calls).toEqual([0]);
  slow.resolve();
  await again;
  expect(calls).toEqual([0, 0]);
  await group.subscription.close({ timeoutMs: 1_000 });
});
