import type { Logger } from '@preservarium/backend';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import { BackendUnavailableError } from '@preservarium/core';
import type { KafkaConsumer, Message } from 'node-rdkafka';
import type { PartitionEnd } from './rdkafka-back-pressure.js';
import { endsSubscription, isCodecMissing } from './rdkafka-failures.js';
import { request } from './rdkafka-request.js';

/** A poll that does not come back for so long hangs. */
const silenceMs = 60_000;
/** All records of a poll are handed over in one call, and as long as that lasts, each garbage collection looks at all of them. */
const maxRecordsPerPoll = 250;
/** While a poll waits for a record, it has a thread of libuv's pool to itself. */
const pollWaitMs = 100;

export interface RecordPollingOptions {
  readonly consumer: KafkaConsumer;
  readonly logger: Logger;
  /** Resolves when more can be taken. */
  take(messages: readonly Message[], ends: readonly PartitionEnd[]): Promise<void>;
  /** Resolves when there is nothing more to poll for; a pause after an error ends then. */
  readonly broken: Promise<unknown>;
  isStopped(): boolean;
}

/** Polls until it is stopped; rejects when the consumer can do nothing more. */
export async function pollForRecords(options: RecordPollingOptions): Promise<void> {
  let ends: PartitionEnd[] = [];
  // Emitted before the records of the poll are returned, in whose order an end follows the records before it.
  options.consumer.on('partition.eof', (end) => ends.push(end));
  while (!options.isStopped()) {
    const ready = await poll(options, maxRecordsPerPoll, 0);
    const messages = ready.length > 0 || ends.length > 0 ? ready : await poll(options, 1, pollWaitMs);
    const reached = ends;
    ends = [];
    await options.take(messages, reached);
  }
}

async function poll(
  { consumer, logger, broken }: RecordPollingOptions,
  maxRecords: number,
  waitMs: number,
): Promise<readonly Message[]> {
  consumer.setDefaultConsumeTimeout(waitMs);
  const polled = request<Message[]>((done) => {
    consumer.consume(maxRecords, done);
  });
  try {
    return await withDeadline(polled, {
      doing: 'poll',
      timeoutMs: silenceMs,
      timedOut: () => new BackendUnavailableError(`the consumer fell silent for ${silenceMs} ms`),
    });
  } catch (error) {
    if (endsSubscription(error)) throw error;
    // The partition that it concerns is looked for, and named.
    if (!isCodecMissing(error)) logger.warn({ err: error }, 'the consumer goes on after an error');
    await settledWithin(broken, pollWaitMs);
    return [];
  }
}
