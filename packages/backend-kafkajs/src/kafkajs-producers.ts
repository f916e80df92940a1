import type { KafkaOptions } from '@preservarium/backend';
import { settledWithin } from '@preservarium/concurrency';
import { BackendUnavailableError } from '@preservarium/core';
import kafkajs, { type Message, type Producer } from 'kafkajs';
import { type Client, createClient } from './kafkajs-client.js';
import { silenceLimitMs } from './kafkajs-config.js';
import { toPusherError } from './to-pusher-error.js';

/** The state of one `send`, which all its messages have. */
export interface SendState {
  /** True: nothing more may be sent. kafkajs repeats a `send` until it looks at this. */
  givenUp: boolean;
  /** How often kafkajs asked for the partition of one of them, as it does for each at the beginning of each attempt. */
  asked: number;
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
  /** Why the last connection of the producer for new sends broke. */
  lastFailure(): Error | undefined;
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** Returns the producers of a writer; the first one connects when it is first used. */
export function createProducers(options: KafkaOptions): Producers {
  let current: OpenProducer | undefined;
  const retired = new Set<OpenProducer>();

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
        ({ message }) =>
          partitionOf(message as PlacedMessage),
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

function partitionOf({ partition, state }: PlacedMessage): number {
  state.asked++;
  if (state.givenUp) throw new kafkajs.KafkaJSNonRetriableError('the deadline of this batch has passed');
  return partition;
}
