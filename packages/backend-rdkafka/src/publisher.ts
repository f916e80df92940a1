import {
  type PublisherBackend,
  type PublishOutcome,
  type PublishRecord,
  silentLogger,
  type WaitOptions,
} from '@preservarium/backend';
import {
  type BatchProgress,
  createBatcher,
  createBrokerContact,
  defaultDeliveryTimeoutMs,
  failAll,
} from '@preservarium/backend-kit';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import { BackendUnavailableError, ClosedError, TopicUnknownError } from '@preservarium/core';
import type { Producer } from 'node-rdkafka';
import type { RdkafkaClientOptions } from './client-options.js';
import { connectClient } from './rdkafka-client.js';
import { producerConfig } from './rdkafka-config.js';
import { createDeliveries, type Deliveries } from './rdkafka-deliveries.js';
import { partitionsOf } from './rdkafka-metadata.js';
import type { ClientModule } from './rdkafka-module.js';
import { createPartitionAcks } from './rdkafka-partition-acks.js';
import { followCredentials } from './rdkafka-renewed-credentials.js';
import { toPusherError } from './to-pusher-error.js';

const connectAttemptMs = 2000;
const disconnectMs = 5000;
/** How often an idle producer hands over logs and errors; a batch in flight does not wait for it. */
const idlePollMs = 500;
const metadataMs = 2000;
const lookAgainMs = 1000;
const maxMissingTopics = 1000;
const maxBatchRecords = 4_000;
const maxBatchBytes = 16 * 1024 * 1024;

interface OpenProducer {
  readonly producer: Producer;
  readonly deliveries: Deliveries;
  /** Returns whether a new producer has other credentials than those that a broker refused. */
  readonly areCredentialsRenewed: () => boolean;
  /** Resolves when it has ended; only while it is replaced. */
  ending: Promise<void> | undefined;
}

/** Returns the part that publishes, in batches through one producer, which is created at first use and replaced when it breaks. */
export function createPublisher(
  client: ClientModule,
  options: RdkafkaClientOptions,
): Pick<PublisherBackend, 'connect' | 'publish' | 'close'> {
  const {
    receipts = 'acknowledged',
    deliveryTimeoutMs = defaultDeliveryTimeoutMs,
    logger = silentLogger,
  } = options;
  const contact = createBrokerContact(options.brokers);
  const batcher = createBatcher({
    name: 'rdkafka',
    shards: 1,
    shardOf: () => 0,
    maxBatchRecords,
    maxBatchBytes,
    maxQueuedBytes: options.maxQueuedBytes,
    maxWaitingBytes: options.maxWaitingBytes,
    writeBatch: write,
    explainTimeout: contact.explainTimeout,
  });
  let open: OpenProducer | undefined;
  let opening: Promise<OpenProducer> | undefined;
  /** When the last of those who wait for a connection gives up, by `performance.now()`. */
  let openUntilMs = 0;
  let closing: Promise<void> | undefined;
  const ended = new AbortController();
  /** By topic, when it was last looked for, by `performance.now()`. */
  const missingTopics = new Map<string, number>();

  async function connect({ timeoutMs, signal }: WaitOptions): Promise<void> {
    if (closing) throw new ClosedError('the rdkafka backend');
    try {
      await withDeadline(connected(timeoutMs), {
        doing: 'connect',
        timeoutMs,
        signal: signal ? AbortSignal.any([signal, ended.signal]) : ended.signal,
        timedOut: () => contact.unanswered(timeoutMs),
      });
    } catch (error) {
      throw ended.signal.aborted ? new ClosedError('the rdkafka backend') : error;
    }
  }

  async function write(
    records: readonly PublishRecord[],
    _shard: number,
    progress: BatchProgress,
  ): Promise<readonly PublishOutcome[]> {
    try {
      if (open?.areCredentialsRenewed()) await replace(open);
      if (open?.ending) await open.ending;
      // Not awaited if open: the client gets this batch before callers that were just answered push again.
      const current = open ?? (await connected(deliveryTimeoutMs));
      if (missingTopics.size > 0) await lookForMissingTopics(current.producer, records);
      const outcomes = await current.deliveries.write(records, progress);
      noteMissingTopics(outcomes);
      if (!current.deliveries.isUsable()) await replace(current);
      return outcomes;
    } catch (error) {
      if (open && !open.deliveries.isUsable()) await replace(open);
      return failAll(records, toPusherError(error));
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
        const isTooLate = performance.now() > openUntilMs || ended.signal.aborted;
        if (!BackendUnavailableError.isInstance(error) || isTooLate) throw error;
      }
    }
  }

  async function tryToOpen(): Promise<OpenProducer> {
    // Read for each producer: passwords and certificates may be new.
    const { global, topic } = producerConfig(options);
    const producer = new client.Producer(global, topic);
    const areCredentialsRenewed = followCredentials(producer, options);
    const acks = createPartitionAcks(performance.now(), options.partitioner);
    producer.on('event.stats', ({ message }) => acks.note(message));
    const deliveries = createDeliveries(producer, { receipts, deliveryTimeoutMs, acks });
    producer.on('delivery-report', deliveries.report);
    await connectClient(producer, options, {
      timeoutMs: connectAttemptMs,
      serveEvents: () => producer.poll(),
    });
    producer.setPollInterval(idlePollMs);
    return { producer, deliveries, areCredentialsRenewed, ending: undefined };
  }

  function replace(broken: OpenProducer): Promise<void> {
    broken.ending ??= endProducer(broken).finally(() => {
      if (open === broken) open = undefined;
    });
    return broken.ending;
  }

  async function endProducer({ producer, deliveries }: OpenProducer): Promise<void> {
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

  function close({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    closing ??= end(timeoutMs);
    return closing;
  }

  async function end(timeoutMs: number): Promise<void> {
    await batcher.close({ timeoutMs });
    ended.abort();
    await opening?.catch(() => {});
    if (open) await replace(open);
  }

  return {
    connect,
    publish: batcher.publish,
    close,
  };
}
