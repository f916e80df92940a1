import { type PublishOutcome, type PublishRecord, silentLogger } from '@preservarium/backend';
import {
  type BatchProgress,
  type BrokerContact,
  defaultDeliveryTimeoutMs,
  failAll,
} from '@preservarium/backend-kit';
import { settledWithin } from '@preservarium/concurrency';
import { BackendUnavailableError, TopicUnknownError } from '@preservarium/core';
import type { Producer } from 'node-rdkafka';
import type { RdkafkaClientOptions } from './client-options.js';
import { connectClient } from './rdkafka-client.js';
import { producerConfig } from './rdkafka-config.js';
import { createDeliveries, type Deliveries } from './rdkafka-deliveries.js';
import { partitionsOf } from './rdkafka-metadata.js';
import type { ClientModule } from './rdkafka-module.js';
import { createPartitionAcks } from './rdkafka-partition-acks.js';
import { followCredentials } from './rdkafka-renewed-credentials.js';
import type { Reported } from './rdkafka-reports.js';
import { toPusherError } from './to-pusher-error.js';

const connectAttemptMs = 2000;
const disconnectMs = 5000;
/** How often an idle producer hands over logs and errors; a batch in flight does not wait for it. */
const idlePollMs = 500;
/** A client that broke is given so long for the records that it has sent. */
const lastAnswersMs = 1000;
const metadataMs = 2000;
const lookAgainMs = 1000;
const maxMissingTopics = 1000;

interface OpenProducer {
  readonly producer: Producer;
  readonly deliveries: Deliveries;
  /** Returns whether a new producer has other credentials than those that a broker refused. */
  readonly areCredentialsRenewed: () => boolean;
  /** Resolves when it has ended; only while it is replaced. */
  ending: Promise<void> | undefined;
}

export interface LastingProducerOptions {
  readonly reports: Reported;
  readonly contact: BrokerContact;
  /** Called when the producer broke and is about to be replaced. */
  onBroken(): void;
}

/** A producer that is created at first use and replaced when it breaks. */
export interface LastingProducer {
  /** Resolves when it is connected; tries for so long. */
  connect(timeoutMs: number): Promise<void>;
  isConnected(): boolean;
  /** Resolves with the outcome of each record. One call at a time, until it goes on. */
  write(records: readonly PublishRecord[], progress: BatchProgress): Promise<readonly PublishOutcome[]>;
  /** Returns whether it has no records, and nothing that was given to it can be written any more. */
  isDone(): boolean;
  /** Replaces it, unless it has records: what made the brokers refuse another producer of the client may concern this one too. */
  renew(): void;
  /** Resolves when it has no records. */
  empty(): Promise<void>;
  /** Ends the producer; nothing connects any more. */
  close(): Promise<void>;
}

/** Returns a producer that makes such reports. */
export function createLastingProducer(
  client: ClientModule,
  options: RdkafkaClientOptions,
  { reports, contact, onBroken }: LastingProducerOptions,
): LastingProducer {
  const {
    receipts = 'acknowledged',
    deliveryTimeoutMs = defaultDeliveryTimeoutMs,
    logger = silentLogger,
  } = options;
  let open: OpenProducer | undefined;
  let opening: Promise<OpenProducer> | undefined;
  /** When the last of those who wait for a connection gives up, by `performance.now()`. */
  let openUntilMs = 0;
  let writes = 0;
  const onEmpty: (() => void)[] = [];
  let ended = false;
  /** By topic, when it was last looked for, by `performance.now()`. */
  const missingTopics = new Map<string, number>();

  async function write(
    records: readonly PublishRecord[],
    progress: BatchProgress,
  ): Promise<readonly PublishOutcome[]> {
    writes++;
    try {
      if (open?.areCredentialsRenewed()) await replace(open);
      if (open?.ending) await open.ending;
      // Not awaited if open: the client gets this batch before callers that were just answered push again.
      const current = open ?? (await connected(deliveryTimeoutMs));
      if (missingTopics.size > 0) await lookForMissingTopics(current.producer, records);
      const outcomes = await current.deliveries.write(records, progress);
      noteMissingTopics(outcomes);
      if (!current.deliveries.isUsable()) await replaceBroken(current);
      return outcomes;
    } catch (error) {
      if (open && !open.deliveries.isUsable()) await replaceBroken(open);
      return failAll(records, toPusherError(error));
    } finally {
      writes--;
      if (writes === 0) for (const resolve of onEmpty.splice(0)) resolve();
    }
  }

  function noteMissingTopics(outcomes: readonly PublishOutcome[]): void {
    for (const outcome of outcomes) {
      if (outcome.ok || !TopicUnknownError.isInstance(outcome.error)) continue;
      const { topic } = outcome.error;
      if (!missingTopics.has(topic)) missingTopics.set(topic, Number.NEGATIVE_INFINITY);
    }
    // Forgetting one means that it is found some seconds later when somebody makes it.
    for (const topic of missingTopics.keys())
      if (missingTopics.size > maxMissingTopics) missingTopics.delete(topic);
  }

  /**
   * The client remembers that a topic does not exist, and looks again only when it is asked for that topic. The records of other topics wait meanwhile, so it is asked
   * once a second.
   */
  async function lookForMissingTopics(producer: Producer, records: readonly PublishRecord[]): Promise<void> {
    const due = [...new Set(records.map(({ topic }) => topic))].filter((topic) => {
      const lookedAtMs = missingTopics.get(topic);
      return lookedAtMs !== undefined && performance.now() - lookedAtMs >= lookAgainMs;
    });
    await Promise.all(due.map((topic) => lookFor(producer, topic)));
  }

  async function lookFor(producer: Producer, topic: string): Promise<void> {
    missingTopics.set(topic, performance.now());
    const partitions = await partitionsOf(producer, topic, metadataMs).catch(() => []);
    if (partitions.length > 0) missingTopics.delete(topic);
  }

  function connected(timeoutMs: number): Promise<OpenProducer> {
    if (open) return Promise.resolve(open);
    openUntilMs = Math.max(openUntilMs, performance.now() + timeoutMs);
    opening ??= openProducer().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  /** Tries again for as long as somebody waits. */
  async function openProducer(): Promise<OpenProducer> {
    for (;;) {
      try {
        open = await tryToOpen();
        contact.noteAnswer();
        return open;
      } catch (error) {
        const isTooLate = performance.now() > openUntilMs || ended;
        if (!BackendUnavailableError.isInstance(error) || isTooLate) throw error;
      }
    }
  }

  async function tryToOpen(): Promise<OpenProducer> {
    // Read for each producer: passwords and certificates may be new.
    const { global, topic } = producerConfig(options, reports);
    const producer = new client.Producer(global, topic);
    const areCredentialsRenewed = followCredentials(producer, options);
    const acks = createPartitionAcks(performance.now(), options.partitioner);
    producer.on('event.stats', ({ message }) => acks.note(message));
    const deliveries = createDeliveries(producer, { reports, receipts, deliveryTimeoutMs, acks });
    producer.on('delivery-report', deliveries.report);
    await connectClient(producer, options, {
      timeoutMs: connectAttemptMs,
      serveEvents: () => producer.poll(),
    });
    producer.setPollInterval(idlePollMs);
    return { producer, deliveries, areCredentialsRenewed, ending: undefined };
  }

  function replaceBroken(broken: OpenProducer): Promise<void> {
    if (broken.ending === undefined) onBroken();
    return replace(broken);
  }

  function replace(broken: OpenProducer): Promise<void> {
    broken.ending ??= endProducer(broken).finally(() => {
      if (open === broken) open = undefined;
    });
    return broken.ending;
  }

  async function endProducer({ producer, deliveries }: OpenProducer): Promise<void> {
    // The brokers may still answer for batches that overlapped the one which broke the client.
    if (!ended) await settledWithin(deliveries.empty(), lastAnswersMs);
    await deliveries.stop();
    await disconnect(producer);
  }

  async function disconnect(producer: Producer): Promise<void> {
    // A poll while the client is being destroyed beside it reads freed memory: node-rdkafka does not stop it in time.
    producer.setPollInterval(0);
    const disconnected = new Promise<void>((resolve) => {
      producer.disconnect(0, () => resolve());
    });
    if (await settledWithin(disconnected, disconnectMs)) return;
    logger.warn({ timeoutMs: disconnectMs }, 'the producer did not end in time and is left to end by itself');
  }

  function isDone(): boolean {
    return writes === 0 && open?.ending === undefined && open?.deliveries.isUncertain() !== true;
  }

  return {
    async connect(timeoutMs) {
      await connected(timeoutMs);
    },
    isConnected: () => open !== undefined,
    write,
    isDone,
    renew() {
      if (open === undefined || open.ending !== undefined || !isDone()) return;
      replace(open).catch((error) => logger.warn({ err: error }, 'an idle producer did not end'));
    },
    async empty() {
      if (writes > 0) await new Promise<void>((resolve) => onEmpty.push(resolve));
    },
    async close() {
      ended = true;
      await opening?.catch(() => {});
      if (open) await replace(open);
    },
  };
}
