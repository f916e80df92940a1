import type { KafkaOptions, PublishOutcome } from '@preservarium/backend';
import { defaultDeliveryTimeoutMs, failAll } from '@preservarium/backend-kit';
import { withDeadline } from '@preservarium/concurrency';
import { PublishTimedOutError, type PusherError } from '@preservarium/core';
import { isDefiniteRefusal, isRefusedForSize } from './kafkajs-failures.js';
import {
  createPartitionQueues,
  type PartitionQueues,
  type PendingRecords,
  type Turn,
} from './kafkajs-partition-queues.js';
import { createProducers, type OpenProducer, type SendState } from './kafkajs-producers.js';
import {
  noLeader,
  toConnectError,
  toPublishError,
  toSizeError,
  unreachable,
} from './kafkajs-publish-errors.js';
import { divide, groupByRequest, type PartitionRecords } from './kafkajs-requests.js';
import { createSend, type Sending } from './kafkajs-send.js';

interface Writing extends Sending {
  readonly outcomes: PublishOutcome[];
  /** The producer with which the brokers may have written the records already. */
  readonly attempted: OpenProducer | undefined;
}

/**
 * Writes batches through an idempotent producer of its own: one at a time for each partition, partitions side by side, and those of one broker that
 * begin together in one request.
 */
export interface BatchWriter {
  /** Resolves once the brokers know the producer. */
  connect(): Promise<void>;
  readonly isBusy: PartitionQueues['isBusy'];
  /** Resolves with one outcome for each record; begins no request after the deadline, in milliseconds since 1970. */
  write(records: PartitionRecords, deadlineAtMs: number): Promise<readonly PublishOutcome[]>;
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/**
 * Returns a writer. Two properties of kafkajs lose acknowledged records, and it avoids both:
 * - It takes a batch's sequence numbers back when its `send` fails. If the brokers wrote that batch nevertheless, the
 *   next one carries the same numbers, is taken for a repetition, dropped, and acknowledged. So no two requests for
 *   one partition are ever in flight, and after a `send` that failed, new ones use a new producer, with a new id.
 * - It retries a `send` of several partitions as a whole, but not at brokers that have answered once: a partition whose leader
 *   moved to such a broker is never sent, and the `send` succeeds. So a `send` of several partitions goes to one broker, and has one
 *   attempt. After that each partition has a `send` of its own, with the same producer, records and sequence numbers: the brokers know
 *   what they have written already.
 */
export function createBatchWriter(options: KafkaOptions): BatchWriter {
  const { deliveryTimeoutMs = defaultDeliveryTimeoutMs } = options;
  const producers = createProducers(options);
  const send = createSend(options, producers);
  const queues = createPartitionQueues((turns) => {
    for (const group of groupByRequest(turns, producers.leaderOf)) void writeGroup(group);
  });

  async function writeGroup(turns: readonly Turn[]): Promise<void> {
    const due = turns.filter((turn) => {
      const isDue = Date.now() < turn.deadlineAtMs;
      if (!isDue) expire(turn);
      return isDue;
    });
    const [first] = due;
    if (due.length > 1) await writeTogether(due);
    else if (first !== undefined) await writeAlone(first);
  }

  function expire(turn: Turn): void {
    turn.answer(failAll(turn.records, new PublishTimedOutError(deliveryTimeoutMs, { mayBeWritten: false })));
    queues.release(turn);
  }

  async function writeAlone(turn: Turn, attempted?: OpenProducer): Promise<void> {
    await writePartition(turn, attempted);
    queues.release(turn);
  }

  /** One request for partitions of one broker. If it fails, each partition goes on by itself. */
  async function writeTogether(turns: readonly Turn[]): Promise<void> {
    const [{ topic, partition }] = turns as [Turn];
    const deadlineAtMs = Math.max(...turns.map((turn) => turn.deadlineAtMs));
    const timeoutMs = deadlineAtMs - Date.now();
    const opened = await withDeadline(producers.connected(), { doing: 'publish', timeoutMs }).catch(
      () => undefined,
    );
    const leader = producers.leaderOf(topic, partition);
    if (opened === undefined || leader === undefined) {
      await Promise.all(turns.map((turn) => writeAlone(turn)));
      return;
    }
    const messages = turns.reduce((sum, { records }) => sum + records.length, 0);
    const state: SendState = { givenUp: false, asked: 0, together: { leader, messages } };
    let ended: Promise<unknown> = Promise.resolve();
    const onGivenUp = (end: Promise<unknown>) => {
      ended = end;
    };
    // The producer is in use until all of this is written: a new one would have other sequence numbers.
    await producers.use(opened, async () => {
      try {
        const offsets = await send(opened, turns, state, { deadlineAtMs, onGivenUp });
        for (const turn of turns) {
          const offset = offsets.get(turn.partition);
          if (offset !== undefined) turn.answer(acknowledged(turn, offset));
          else failTurn(turn, noLeader(turn), opened);
        }
      } catch (cause) {
        const isDefinite = isDefiniteRefusal(cause) && state.asked === messages;
        if (!state.givenUp && !isDefinite) {
          await Promise.all(turns.map((turn) => writeAlone(turn, opened)));
          return;
        }
        for (const turn of turns) failTurn(turn, cause, isDefinite ? undefined : opened);
      }
      await ended;
      for (const turn of turns) queues.release(turn);
    });
  }

  /** @param uncertain the producer with which the records may be written, or have used up sequence numbers */
  function failTurn(
    { topic, records, answer }: Turn,
    cause: unknown,
    uncertain: OpenProducer | undefined,
  ): void {
    if (uncertain) producers.retire(uncertain);
    answer(failAll(records, toPublishError(cause, topic, uncertain)));
  }

  /**
   * Batch after batch: after a failure nothing more is written, for the order of the partition's records to hold.
   *
   * @param attempted the producer with which the brokers may have written the records already
   */
  async function writePartition(
    { topic, partition, records, deadlineAtMs, answer }: PendingRecords,
    attempted?: OpenProducer,
  ): Promise<void> {
    const outcomes: PublishOutcome[] = [];
    let failure: PusherError | undefined;
    let ended: Promise<unknown> = Promise.resolve();
    const onGivenUp = (end: Promise<unknown>) => {
      ended = end;
    };
    for (const batch of divide(records)) {
      const part = { topic, partition, records: batch };
      failure = await writePart(part, { deadlineAtMs, outcomes, onGivenUp, attempted });
      if (failure !== undefined) break;
    }
    if (failure !== undefined) outcomes.push(...failAll(records.slice(outcomes.length), failure));
    answer(outcomes);
    await ended;
  }

  /** Adds the outcomes of the records to `outcomes`, or returns what keeps them from being written. */
  async function writePart(batch: PartitionRecords, writing: Writing): Promise<PusherError | undefined> {
    const { topic, partition, records } = batch;
    const { attempted } = writing;
    let opened: OpenProducer;
    try {
      opened =
        attempted ??
        (await withDeadline(producers.connected(), {
          doing: 'publish',
          timeoutMs: writing.deadlineAtMs - Date.now(),
          timedOut: () => unreachable(producers.lastFailure()),
        }));
    } catch (cause) {
      producers.abandon();
      return toConnectError(cause);
    }
    const state: SendState = { givenUp: false, asked: 0 };
    try {
      const offsets = await send(opened, [batch], state, writing);
      const offset = offsets.get(partition);
      if (offset === undefined) throw noLeader(batch);
      writing.outcomes.push(...acknowledged(batch, offset));
      return undefined;
    } catch (cause) {
      if (isRefusedForSize(cause)) return writeHalves(batch, writing, cause);
      // A broker that refuses a first attempt has written nothing, and the sequence numbers are right.
      const isFirst = attempted === undefined && state.asked <= records.length;
      if (!isFirst || !isDefiniteRefusal(cause)) producers.retire(opened);
      return toPublishError(cause, topic, opened);
    }
  }

  /** The brokers wrote nothing of a batch that they found too large: the records that are not are sent again. */
  async function writeHalves(batch: PartitionRecords, writing: Writing, cause: unknown) {
    const { topic, records } = batch;
    if (records.length === 1) {
      const error = toSizeError(cause, topic, records[0]?.value.length ?? 0);
      writing.outcomes.push({ ok: false, error });
      return undefined;
    }
    const middle = records.length >> 1;
    return (
      (await writePart({ ...batch, records: records.slice(0, middle) }, writing)) ??
      (await writePart({ ...batch, records: records.slice(middle) }, writing))
    );
  }

  return {
    write: (batch, deadlineAtMs) => new Promise((answer) => queues.add({ ...batch, deadlineAtMs, answer })),
    isBusy: queues.isBusy,
    async connect() {
      await producers.connected();
    },
    close: producers.close,
  };
}

function acknowledged(
  { topic, partition, records }: PartitionRecords,
  firstOffset: number,
): PublishOutcome[] {
  return records.map((_, index) => ({
    ok: true,
    receipt: { topic, partition, offset: firstOffset + index },
  }));
}
