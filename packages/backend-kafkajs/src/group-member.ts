import { setTimeout as pauseFor } from 'node:timers/promises';
import type { ConsumedRecord, KafkaOptions, TopicPartition } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { BackendUnavailableError } from '@preservarium/core';
import type { Assignment, EachBatchPayload, PartitionAssigner } from 'kafkajs';
import { createClient } from './client.js';
import { retryFor } from './client-options.js';
import { rangeAssigner } from './kafkajs-range-assigner.js';
import { toRecord } from './to-record.js';

/** How long the brokers wait for a sign of life of a member before they give its partitions to others. */
export const sessionTimeoutMs = 30_000;
const rebalanceTimeoutMs = 45_000;
/** A member that neither fetched nor joined for so long is stuck. */
const silenceLimitMs = sessionTimeoutMs + rebalanceTimeoutMs;
/** Fetches and signs of life are answered much more often than this. */
const contactLimitMs = 10_000;
/**
 * How long the brokers may hold back the answer to a fetch when there is nothing new. New records come at once all the same; a
 * partition that was paused, and the news of a rebalance, wait for as long as this.
 */
const fetchWaitMs = 250;
/**
 * kafkajs fetches again only when all batches of the last fetch are done with. A batch that takes longer than this is taken out of
 * its way: its partition is paused until it is done.
 */
const patienceMs = 100;

/** What a member of a group asks of its owner. */
export interface MemberDuties {
  readonly topics: readonly string[];
  readonly groupId: string;
  readonly from: 'beginning' | 'end';
  /** Resolves when the records are done with; never rejects. `undefined` when they are not taken. */
  onRecords(records: readonly ConsumedRecord[]): Promise<void> | undefined;
  /** The group gave these partitions to the member. */
  onAssigned(partitions: readonly TopicPartition[]): void;
  /** The member is about to join the group, first or again, and has to give up its partitions for that. */
  beforeJoin(): Promise<void>;
}

/** One kafkajs consumer, from its joining a group to its end. It is not restarted. */
export interface GroupMember {
  /** Resolves when it joined and knows where it starts; never rejects. */
  readonly joined: Promise<void>;
  /** Resolves with the reason when it crashed or fell silent; never rejects. */
  readonly crashed: Promise<unknown>;
  /** Whether the brokers have answered it lately. */
  isConnected(): boolean;
  /** Commits the offsets of the next records to read. */
  commit(positions: readonly (TopicPartition & { readonly nextOffset: number })[]): Promise<void>;
  /** Leaves the group, at the latest at the deadline. */
  leave(options: { readonly timeoutMs: number }): Promise<void>;
}

export function joinGroup(settings: KafkaOptions, duties: MemberDuties): GroupMember {
  const client = createClient(settings);
  const joined = Promise.withResolvers<void>();
  const crashed = Promise.withResolvers<unknown>();
  const consumer = client.kafka.consumer({
    groupId: duties.groupId,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: rebalanceTimeoutMs,
    maxWaitTimeInMs: fetchWaitMs,
    allowAutoTopicCreation: false,
    partitionAssigners: [waitBeforeJoin(duties)],
    retry: { ...retryFor(sessionTimeoutMs), restartOnFailure: async () => false },
  });
  const { GROUP_JOIN, FETCH, CRASH, REQUEST } = consumer.events;

  let running = true;
  let lastSignAtMs = Date.now();
  let answeredAtMs = Number.NEGATIVE_INFINITY;
  let assigned = false;
  const watchdog = setInterval(() => {
    if (Date.now() - lastSignAtMs < silenceLimitMs) return;
    crash(new BackendUnavailableError(`the consumer was silent for ${silenceLimitMs} ms`));
  }, 5_000);

  function crash(error: unknown): void {
    end();
    crashed.resolve(error);
  }

  function end(): void {
    running = false;
    clearInterval(watchdog);
    client.destroy();
  }

  consumer.on(GROUP_JOIN, ({ payload }) => {
    lastSignAtMs = Date.now();
    assigned = true;
    duties.onAssigned(toPartitions(payload.memberAssignment));
  });
  consumer.on(FETCH, () => {
    lastSignAtMs = Date.now();
    // The first fetch has asked where to start: what is published from now on is not missed.
    if (assigned) joined.resolve();
  });
  // It comes with the answer.
  consumer.on(REQUEST, () => {
    answeredAtMs = Date.now();
  });
  consumer.on(CRASH, ({ payload }) => crash(payload.error));

  async function eachBatch({ batch, resolveOffset, pause }: EachBatchPayload): Promise<void> {
    const records = batch.messages.map((message) => toRecord(batch.topic, batch.partition, message));
    const last = batch.messages.at(-1);
    const done = running ? duties.onRecords(records) : undefined;
    if (done === undefined || last === undefined) {
      // The partition was given up meanwhile; kafkajs comes with the same records again until it knows.
      await pauseFor(patienceMs);
      return;
    }
    resolveOffset(last.offset);
    if (await settledWithin(done, patienceMs)) return;
    const resume = pause();
    void done.then(resume);
  }

  async function start(): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [...duties.topics], fromBeginning: duties.from === 'beginning' });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 64,
      eachBatch,
    });
  }

  start().catch(crash);

  return {
    joined: joined.promise,
    crashed: crashed.promise,
    isConnected: () => running && Date.now() - answeredAtMs < contactLimitMs,
    async commit(positions) {
      if (!running) throw new BackendUnavailableError('this member of the group has ended');
      await consumer.commitOffsets(
        positions.map(({ topic, partition, nextOffset }) => ({
          topic,
          partition,
          offset: String(nextOffset),
        })),
      );
    },
    async leave({ timeoutMs }) {
      clearInterval(watchdog);
      await settledWithin(consumer.disconnect(), timeoutMs);
      end();
    },
  };
}

/**
 * kafkajs joins again as soon as it hears of a rebalance, and tells of it in an event that nobody can hold up. Before
 * each join it asks the cluster for the group's coordinator, through the object that it hands to assigners: that question waits
 * here until the partitions are given up. The brokers still take commits of the old generation then.
 */
function waitBeforeJoin({ beforeJoin }: MemberDuties): PartitionAssigner {
  return (config) => {
    const { cluster } = config;
    const findGroupCoordinator = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (group) => {
      await beforeJoin();
      return findGroupCoordinator(group);
    };
    return rangeAssigner(config);
  };
}

function toPartitions(assignment: Assignment): TopicPartition[] {
  return Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}
