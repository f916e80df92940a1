/// <reference path="../types/kafkajs-internals.d.ts" />
// This package uses these undocumented parts of kafkajs; `kafkajs-fetch-response.ts` describes what a fetch returns.
import type { BlockedPartition } from '@preservarium/backend';
import kafkajs, { type Cluster } from 'kafkajs';
import KafkajsCluster from 'kafkajs/src/cluster/index.js';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import metadataResponse, { type Metadata } from 'kafkajs/src/protocol/requests/metadata/v6/response.js';
import { readAroundUnreadableBatches, type Unreadable } from './kafkajs-fetch-response.js';

/** The version of kafkajs for which this file was proven; a test fails for any other. */
export const provenVersion = '2.2.4';

let idleTimerStopped = false;

/**
 * Stops the timer of idle connections, once for the process.
 *
 * After each response kafkajs schedules a check of its queue of delayed requests `throttledUntil - now` ahead, also
 * when nothing is delayed. `throttledUntil` is -1 then, the delay is negative, Node makes it 1 ms, and every connection
 * wakes up a thousand times a second; Node 24 prints a TimeoutNegativeWarning too. There is nothing to check
 * unless a request is queued or the broker asked for a pause, so only then the timer is set.
 */
export function stopIdleTimer(): void {
  if (idleTimerStopped) return;
  idleTimerStopped = true;
  const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}

/** Kafka's error codes of a partition that cannot be used now, beside others that can. */
const partitionErrors = new Set([5, 9, 72]);
let leaderlessAccepted = false;

/**
 * Makes kafkajs accept metadata in which a partition has no leader, once for the process. It would take nothing of it: no new topic, no new leader
 * of another partition. Without the error, a send to the partition finds no broker with the id -1, and asks for the metadata again.
 */
export function acceptLeaderlessPartitions(): void {
  if (leaderlessAccepted) return;
  leaderlessAccepted = true;
  const parse = metadataResponse.parse;
  metadataResponse.parse = (metadata: Metadata) => {
    for (const { partitionMetadata } of metadata.topicMetadata) {
      for (const partition of partitionMetadata) {
        if (partitionErrors.has(partition.partitionErrorCode)) partition.partitionErrorCode = 0;
      }
    }
    return parse(metadata);
  };
}

let deniedGroupsNamed = false;

/**
 * Makes kafkajs say that the brokers refuse a group, once for the process. It asks each broker for the coordinator, drops what they answer, and says
 * that it found none, which is tried again.
 */
export function nameDeniedGroups(): void {
  if (deniedGroupsNamed) return;
  deniedGroupsNamed = true;
  const find = KafkajsCluster.prototype.findGroupCoordinatorMetadata;
  KafkajsCluster.prototype.findGroupCoordinatorMetadata = async function (this: KafkajsCluster, group) {
    try {
      return await find.call(this, group);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'KafkaJSGroupCoordinatorNotFound') throw error;
      const broker = await this.brokerPool.findConnectedBroker();
      return await broker.findGroupCoordinator(group);
    }
  };
}

/**
 * Makes a consumer wait for `beforeJoin` each time before it joins its group.
 *
 * kafkajs joins again as soon as it hears of a rebalance, and reports it in an event that cannot delay the join. Before
 * each join it asks the cluster for the group's coordinator, through the object that it passes to assigners: that question waits
 * here. The brokers still take commits of the old generation then.
 */
export function delayJoins(cluster: Cluster, beforeJoin: () => Promise<void>): void {
  const findGroupCoordinator = cluster.findGroupCoordinator.bind(cluster);
  cluster.findGroupCoordinator = async (group) => {
    await beforeJoin();
    return findGroupCoordinator(group);
  };
}

/**
 * Makes a consumer wait for `beforeFetch` each time before it fetches, so that it can seek after it has joined: kafkajs would fetch at once.
 *
 * Each fetch begins with a look at the age of the cluster's metadata: that waits here. The one other such look is when the consumer connects.
 */
export function delayFetches(cluster: Cluster, beforeFetch: () => Promise<unknown>): void {
  const refreshMetadataIfNecessary = cluster.refreshMetadataIfNecessary.bind(cluster);
  cluster.refreshMetadataIfNecessary = async () => {
    await beforeFetch();
    await refreshMetadataIfNecessary();
  };
}

/** Metadata in which a partition has no leader is read again after this time. */
const leaderlessForMs = 1_000;

/**
 * Makes a consumer look for the leaders of partitions that had none. kafkajs fetches from the leaders that it knows, and would read the metadata
 * again after five minutes.
 */
export function followLeaders(cluster: Cluster, topics: readonly string[]): void {
  const refreshMetadataIfNecessary = cluster.refreshMetadataIfNecessary.bind(cluster);
  let nextAtMs = 0;
  cluster.refreshMetadataIfNecessary = async () => {
    await refreshMetadataIfNecessary();
    if (performance.now() < nextAtMs) return;
    const isLeaderless = topics.some((topic) =>
      cluster.findTopicPartitionMetadata(topic).some(({ leader }) => leader === -1),
    );
    if (!isLeaderless) return;
    nextAtMs = performance.now() + leaderlessForMs;
    await cluster.refreshMetadata();
  };
}

/**
 * Makes a consumer crash when the brokers do not have the offset that it fetches. kafkajs would commit its default position (the number -1 or
 * -2) in place of the group's offset, so that nobody could count the lost records.
 *
 * For that it asks the cluster what the default is. It asks for partitions without a committed offset too, which a member here has none of.
 */
export function crashWhenOutOfRange(cluster: Cluster): void {
  cluster.defaultOffset = () => {
    throw new kafkajs.KafkaJSNonRetriableError('the brokers do not have the offset that is to be fetched');
  };
}

interface FetchedPartition {
  readonly partition: number;
  highWatermark: string;
  /** -1 where the broker does not say it. */
  readonly lastStableOffset?: string;
  readonly messages: readonly unknown[];
  readonly unreadable?: Unreadable;
}

interface FetchedTopic {
  readonly topicName: string;
  partitions: readonly FetchedPartition[];
}

interface FetchingBroker {
  fetch(request: unknown): Promise<{ readonly responses: readonly FetchedTopic[] }>;
}

/** Lets `change` look at what a consumer fetches, topic by topic, before kafkajs takes it. */
function changeFetched(cluster: Cluster, change: (topic: FetchedTopic) => void): void {
  const findBroker = cluster.findBroker.bind(cluster);
  const changed = new WeakSet<object>();
  cluster.findBroker = async (node) => {
    const broker = await findBroker(node);
    if (changed.has(broker)) return broker;
    changed.add(broker);
    const fetching = broker as unknown as FetchingBroker;
    const fetch = fetching.fetch.bind(broker);
    fetching.fetch = async (request) => {
      const fetched = await fetch(request);
      fetched.responses.forEach(change);
      return fetched;
    };
    return broker;
  };
}

/**
 * Makes a partition end where the first open transaction begins. A consumer is sent nothing from there on, but kafkajs takes the high watermark
 * for the end of a batch's partition, which is after the records of the transaction.
 */
export function endAtOpenTransactions(cluster: Cluster): void {
  changeFetched(cluster, ({ partitions }) => {
    for (const partition of partitions) {
      const { lastStableOffset = '-1' } = partition;
      if (Number(lastStableOffset) >= 0) partition.highWatermark = lastStableOffset;
    }
  });
}

/**
 * Calls `onUnreadable` with each partition whose next records cannot be decompressed, and takes it out of what was fetched: without records, kafkajs
 * would take it for read to its end.
 */
export function passOverUnreadable(
  cluster: Cluster,
  onUnreadable: (blocked: BlockedPartition) => void,
): void {
  readAroundUnreadableBatches();
  changeFetched(cluster, (fetched) => {
    const { topicName: topic, partitions } = fetched;
    for (const { partition, messages, unreadable } of partitions) {
      if (unreadable !== undefined && messages.length === 0)
        onUnreadable({ topic, partition, ...unreadable });
    }
    fetched.partitions = partitions.filter(
      ({ messages, unreadable }) => unreadable === undefined || messages.length > 0,
    );
  });
}
