import type { KafkaOptions } from '@preservarium/backend';
import { defaultDeliveryTimeoutMs } from '@preservarium/backend-kit';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import { PublishTimedOutError } from '@preservarium/core';
import type { CompressionTypes } from 'kafkajs';
import { codecNames } from './kafkajs-codecs.js';
import { requestTimeoutMs } from './kafkajs-config.js';
import { toKafkajsHeaders } from './kafkajs-headers.js';
import type { OpenProducer, PlacedMessage, Producers, SendState } from './kafkajs-producers.js';
import type { PartitionRecords } from './kafkajs-requests.js';

/** A send that was given up ends with its request, and the pause before the next attempt. */
const endOfSendMs = 2_000;

export interface Sending {
  /** In milliseconds since 1970. */
  readonly deadlineAtMs: number;
  /** Called with the end of a send that outlives its deadline. */
  onGivenUp(end: Promise<unknown>): void;
}

/**
 * Sends records of partitions of one topic in one request; kafkajs repeats it until its state says that it is given up. Resolves with the offset of the first
 * record of each partition that has one.
 */
export type Send = (
  opened: OpenProducer,
  partitions: readonly PartitionRecords[],
  state: SendState,
  sending: Sending,
) => Promise<ReadonlyMap<number, number>>;

export function createSend(options: KafkaOptions, producers: Producers): Send {
  const { deliveryTimeoutMs = defaultDeliveryTimeoutMs } = options;
  const compression: CompressionTypes = codecNames.indexOf(options.compression ?? 'none');
  const timeoutOfRequestMs = requestTimeoutMs(options);

  /** Resolves when a send that was given up can write nothing more. */
  async function ended(opened: OpenProducer, sent: Promise<unknown>): Promise<void> {
    if (!(await settledWithin(sent, timeoutOfRequestMs + endOfSendMs))) producers.abandon(opened);
  }

  return async (opened, partitions, state, { deadlineAtMs, onGivenUp }) => {
    const [{ topic }] = partitions as [PartitionRecords];
    const messages = partitions.flatMap((records) => toMessages(records, state));
    const request = { topic, acks: -1, timeout: timeoutOfRequestMs, compression, messages };
    const sent = producers.use(opened, () => opened.producer.send(request));
    const answers = await withDeadline(sent, {
      doing: 'publish',
      timeoutMs: deadlineAtMs - Date.now(),
      timedOut() {
        state.givenUp = true;
        onGivenUp(ended(opened, sent));
        return new PublishTimedOutError(deliveryTimeoutMs, { mayBeWritten: true });
      },
    });
    const offsets = new Map<number, number>();
    for (const { partition, baseOffset } of answers) {
      if (baseOffset !== undefined) offsets.set(partition, Number(baseOffset));
    }
    return offsets;
  };
}

function toMessages({ partition, records }: PartitionRecords, state: SendState): PlacedMessage[] {
  return records.map(({ key, value, headers }) => ({
    key,
    value,
    partition,
    state,
    ...(headers === undefined ? {} : { headers: toKafkajsHeaders(headers) }),
  }));
}
