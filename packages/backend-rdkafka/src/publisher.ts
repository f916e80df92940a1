import type { PublisherBackend, PublishOutcome, PublishRecord, WaitOptions } from '@preservarium/backend';
import {
  type BatchProgress,
  createBatcher,
  createBrokerContact,
  defaultDeliveryTimeoutMs,
} from '@preservarium/backend-kit';
import { withDeadline } from '@preservarium/concurrency';
import { ClosedError } from '@preservarium/core';
import type { RdkafkaClientOptions } from './client-options.js';
import { createLastingProducer, type LastingProducer } from './rdkafka-lasting-producer.js';
import type { ClientModule } from './rdkafka-module.js';
import { createProducerChoice } from './rdkafka-producer-choice.js';

const maxBatchRecords = 4_000;
const maxBatchBytes = 16 * 1024 * 1024;

/** Returns the part that publishes, in batches through the producer that suits their size. */
export function createPublisher(
  client: ClientModule,
  options: RdkafkaClientOptions,
): Pick<PublisherBackend, 'connect' | 'publish' | 'close'> {
  const { deliveryTimeoutMs = defaultDeliveryTimeoutMs } = options;
  const contact = createBrokerContact(options.brokers);
  const few = createLastingProducer(client, options, {
    reports: 'all',
    contact,
    onBroken: () => many.renew(),
  });
  const many: LastingProducer =
    options.receipts === 'offsets'
      ? few
      : createLastingProducer(client, options, {
          reports: 'failures',
          contact,
          onBroken: () => few.renew(),
        });
  const choose = createProducerChoice({ few, many, connectWithinMs: deliveryTimeoutMs });
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
  let closing: Promise<void> | undefined;
  const ended = new AbortController();

  async function connect({ timeoutMs, signal }: WaitOptions): Promise<void> {
    if (closing) throw new ClosedError('the rdkafka backend');
    try {
      await withDeadline(few.connect(timeoutMs), {
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
    const producer = choose(records.length);
    return (producer instanceof Promise ? await producer : producer).write(records, progress);
  }

  function close({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    closing ??= end(timeoutMs);
    return closing;
  }

  async function end(timeoutMs: number): Promise<void> {
    await batcher.close({ timeoutMs });
    ended.abort();
    await Promise.all([few.close(), many.close()]);
  }

  return {
    connect,
    publish: batcher.publish,
    close,
  };
}
