import type { KafkaOptions } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { BackendUnavailableError } from '@preservarium/core';
import kafkajs, { type Message, type PartitionMetadata, type Producer } from 'kafkajs';
import { type Client, createClient } from './kafkajs-client.js';
import { silenceLimitMs } from './kafkajs-config.js';
import { toPusherError } from './to-pusher-error.js';

/** The state of one `send`, which all its messages have. */
export interface SendState {
  /** True: nothing more may be sent. kafkajs repeats a `send` until it looks at this. */
  givenUp: boolean;
  /** How often kafkajs asked for the partition of one of them, as it does for each at the beginning of each attempt. */
  asked: number;
  /** For a send of several partitions: the broker that leads them, and the number of messages. It has one attempt, at that broker alone. */
  readonly together?: { readonly leader: number; readonly messages: number };
}

/** A message with its partition and its `send`. */
export interface PlacedMessage extends Message {
  readonly partition: number;
  readonly state: SendState;
}

export interface OpenProducer {
  readonly client: Client;
  readonly producer: Producer;
  readonly connected: Promise<void>;
  /** Sends in flight. */
  sends: number;
  /** True: it ends when its last send has. */
  retired: boolean;
}

/** Idempotent producers, one after the other. */
export interface Producers {
  /** Resolves with the producer for new sends once the brokers know it. */
  connected(): Promise<OpenProducer>;
  /** Runs a send of a connected producer. */
  use<Result>(producer: OpenProducer, send: () => Promise<Result>): Promise<Result>;
  /** New sends get a new producer; those in flight go on. */
  retire(producer: OpenProducer): void;
  /** Ends a producer at once: what it still retries can write nothing more. */
  abandon(producer?: OpenProducer): void;
  /** Returns the broker that led a partition at the last send to its topic; `undefined` if none is known. */
  leaderOf(topic: string, partition: number): number | undefined;
  /** Why the last connection of the producer for new sends broke. */
  lastFailure(): Error | undefined;
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** Returns the producers of a writer; the first one connects when it is first used. */
export function createProducers(options: KafkaOptions): Producers {
  let current: OpenProducer | undefined;
  const retired = new Set<OpenProducer>();
  const leaders = createLeaders();

  function open(): OpenProducer {
    const client = createClient(options, { silenceLimitMs });
    const producer = client.kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
      // Ends when its state says so, or when the client is destroyed.
      retry: { retries: Number.MAX_SAFE_INTEGER },
      createPartitioner:
        () =>
        ({ topic, message, partitionMetadata }) => {
          leaders.note(topic, partitionMetadata);
          const placed = message as PlacedMessage;
          return partitionOf(placed, leaders.of(topic, placed.partition));
        },
    });
    return { client, producer, connected: producer.connect(), sends: 0, retired: false };
  }

  function abandon(producer = current): void {
    if (producer === undefined) return;
    producer.client.destroy();
    retired.delete(producer);
    if (current === producer) current = undefined;
  }

  function endIfUnused(producer: OpenProducer): void {
    if (producer.retired && producer.sends === 0) abandon(producer);
  }

  return {
    async connected() {
      current ??= open();
      const opened = current;
      try {
        await opened.connected;
        return opened;
      } catch (cause) {
        abandon(opened);
        throw toPusherError(cause, {
          doing: 'connect to the brokers',
          connectionFailure: opened.client.lastFailure,
          otherwise: (message, causes) => new BackendUnavailableError(message, causes),
        });
      }
    },
    async use(producer, send) {
      producer.sends++;
      try {
        return await send();
      } finally {
        producer.sends--;
        endIfUnused(producer);
      }
    },
    retire(producer) {
      producer.retired = true;
      if (current === producer) current = undefined;
      retired.add(producer);
      endIfUnused(producer);
    },
    abandon,
    leaderOf: leaders.of,
    lastFailure: () => current?.client.lastFailure,
    async close({ timeoutMs }) {
      for (const producer of retired) abandon(producer);
      if (current === undefined) return;
      const closing = current;
      await settledWithin(closing.producer.disconnect(), timeoutMs);
      abandon(closing);
    },
  };
}

/** Knows which brokers lead the partitions of topics. */
function createLeaders() {
  const ofTopics = new Map<
    string,
    { metadata: readonly PartitionMetadata[]; leaders: Map<number, number> }
  >();
  return {
    /** Takes the metadata of a topic, which kafkajs replaces and does not change. */
    note(topic: string, metadata: readonly PartitionMetadata[]): void {
      if (ofTopics.get(topic)?.metadata === metadata) return;
      const leaders = new Map(metadata.map(({ partitionId, leader }) => [partitionId, leader]));
      ofTopics.set(topic, { metadata, leaders });
    },
    of(topic: string, partition: number): number | undefined {
      const leader = ofTopics.get(topic)?.leaders.get(partition);
      return leader === -1 ? undefined : leader;
    },
  };
}

function partitionOf({ partition, state }: PlacedMessage, leader: number | undefined): number {
  state.asked++;
  const { givenUp, asked, together } = state;
  if (givenUp) throw new kafkajs.KafkaJSNonRetriableError('the deadline of this batch has passed');
  if (together !== undefined && (asked > together.messages || leader !== together.leader))
    throw new kafkajs.KafkaJSNonRetriableError('each partition of this batch is sent by itself');
  return partition;
}
