/// <reference path="../types/kafkajs-internals.d.ts" />
import { createRequire } from 'node:module';
import { AssignerProtocol, Kafka, logLevel, type PartitionAssigner } from 'kafkajs';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { expect, test, vi } from 'vitest';
import { delayJoins, provenVersion, stopIdleTimer } from './kafkajs-internals.js';

test('kafkajs is the version that its internals were proven for', () => {
  const { version } = createRequire(import.meta.url)('kafkajs/package.json');
  expect(version, 'prove kafkajs-internals.ts for this version, then change provenVersion').toBe(
    provenVersion,
  );
});

test('a connection without delayed requests sets a timer, and none once it is stopped', () => {
  vi.useFakeTimers();
  try {
    const idle = () =>
      Object.assign(Object.create(RequestQueue.prototype), { pending: [], throttledUntil: -1 });
    idle().scheduleCheckPendingRequests();
    expect(vi.getTimerCount(), 'kafkajs has mended it: stopIdleTimer can go').toBe(1);
    vi.clearAllTimers();
    stopIdleTimer();
    idle().scheduleCheckPendingRequests();
    expect(vi.getTimerCount()).toBe(0);
    const throttled = Object.assign(idle(), { throttledUntil: Date.now() + 100 });
    throttled.scheduleCheckPendingRequests();
    expect(vi.getTimerCount()).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test('a join asks for the coordinator, through the cluster that assigners are given, and waits for that', async () => {
  const asked: string[] = [];
  const beforeJoin = async () => {
    asked.push('before the join');
    throw new Error('held up');
  };
  const assigner: PartitionAssigner = (config) => {
    delayJoins(config.cluster, beforeJoin);
    // No broker is needed: what comes before the question about the coordinator is answered here.
    Object.assign(config.cluster, {
      connect: async () => {},
      refreshMetadataIfNecessary: async () => {},
      addMultipleTargetTopics: async () => {},
      disconnect: async () => {},
    });
    return {
      name: 'none',
      version: 0,
      protocol: ({ topics }) => ({
        name: 'none',
        metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
      }),
      assign: async () => [],
    };
  };
  const consumer = new Kafka({ brokers: ['localhost:1'], logLevel: logLevel.NOTHING }).consumer({
    groupId: 'group',
    partitionAssigners: [assigner],
    retry: { retries: 0, restartOnFailure: async () => false },
  });
  await consumer.connect();
  await consumer.subscribe({ topics: ['commands'] });
  const crashed = new Promise<Error>((resolve) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error));
  });
  await consumer.run({ eachMessage: async () => {} });
  expect((await crashed).message).toContain('held up');
  expect(asked).toEqual(['before the join']);
});
