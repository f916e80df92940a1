import type { KafkaOptions, PublishOutcome, PublishRecord } from '@preservarium/backend';
import { defaultDeliveryTimeoutMs, failAll, partitionId } from '@preservarium/backend-kit';
import { settledWithin, withDeadline } from '@preservarium/concurrency';
import {
  BackendUnavailableError,
  PublishFailedError,
  PublishTimedOutError,
  type PusherError,
} from '@preservarium/core';
import type { CompressionTypes } from 'kafkajs';
import { codecNames } from './kafkajs-codecs.js';
import { requestTimeoutMs } from './kafkajs-config.js';
import { isDefiniteRefusal, isRefusedForSize } from './kafkajs-failures.js';
import { toKafkajsHeaders } from './kafkajs-headers.js';
import {
  createProducers,
  type OpenProducer,
  type PlacedMessage,
  type SendState,
} from './kafkajs-producers.js';
import { toPusherError } from './to-pusher-error.js';

/** kafkajs makes one batch of the records of a request, and the brokers refuse one of more than 1,048,588 bytes. */
const maxBatchBytes = 900_000;
const maxBatchRecords = 2_000;
/** A send that was given up ends with its request, and the pause before the next attempt. */
const endOfSendMs = 2_000;

/** Records of one partition, in the order in which they are to be written. */
export interface PartitionRecords {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly PublishRecord[];
}

/** A batch that its partition has not written. */
interface PendingRecords extends PartitionRecords {
  /** In milliseconds since 1970. */
  readonly deadlineAtMs: number;
  answer(outcomes: readonly PublishOutcome[]): void;
}

/** A partition with a batch in flight or about to be, and the batches that wait for it. */
interface Lane {
  readonly id: string;
  readonly waiting: PendingRecords[];
}

/** The batch of a partition that is written next. */
interface Turn extends PendingRecords {
  readonly lane: Lane;
}

/**
 * Writes batches through an idempotent producer of its own: one at a time for each partition, partitions side by side, and those of one broker that
 * begin together in one request.
 */
export interface BatchWriter {
  /** Resolves once the brokers know the producer. */
  connect(): Promise<void>;
  /** Returns whether an earlier batch of the partition is not written yet. */
  isBusy(of: Pick<PartitionRecords, 'topic' | 'partition'>): boolean;
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
  const compression: CompressionTypes = codecNames.indexOf(options.compression ?? 'none');
  const timeoutOfRequestMs = requestTimeoutMs(options);
  const producers = createProducers(options);
  /** A partition that is not busy has no entry. */
  const lanes = new Map<string, Lane>();
  const beginning: Lane[] = [];

  function write(batch: PartitionRecords, deadlineAtMs: number): Promise<readonly PublishOutcome[]> {
    const id = partitionId(batch);
    return new Promise((answer) => {
      const pending = { ...batch, deadlineAtMs, answer };
      const lane = lanes.get(id);
      if (lane !== undefined) {
        lane.waiting.push(pending);
        return;
      }
      const opened = { id, waiting: [pending] };
      lanes.set(id, opened);
      begin(opened);
    });
  }

  /** In a microtask, so that partitions that begin side by side go together. */
  function begin(lane: Lane): void {
    beginning.push(lane);
    if (beginning.length === 1) queueMicrotask(writeBeginning);
  }

  function writeBeginning(): void {
    const turns = beginning.splice(0).map(takeTurn);
    for (const group of groupTurns(turns, producers.leaderOf)) void writeGroup(group);
  }

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
    release(turn);
  }

  async function writeAlone(turn: Turn, attempted?: OpenProducer): Promise<void> {
    await writePartition(turn, attempted);
    release(turn);
  }

  /** Begins what waits for the partition. */
  function release({ lane }: Turn): void {
    if (lane.waiting.length > 0) begin(lane);
    else lanes.delete(lane.id);
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
          else failTurn(turn, unanswered(turn), opened);
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
      for (const turn of turns) release(turn);
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

  interface Sending {
    readonly deadlineAtMs: number;
    /** Called with the end of a send that outlives its deadline. */
    onGivenUp(end: Promise<unknown>): void;
  }

  interface Writing extends Sending {
    readonly outcomes: PublishOutcome[];
    readonly attempted: OpenProducer | undefined;
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
      return toPusherError(cause, { doing: 'publish', otherwise: publishFailed });
    }
    const state: SendState = { givenUp: false, asked: 0 };
    try {
      const offsets = await send(opened, [batch], state, writing);
      const offset = offsets.get(partition);
      if (offset === undefined) throw unanswered(batch);
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
      const sizeBytes = records[0]?.value.length ?? 0;
      const error = toPusherError(cause, { doing: 'publish', topic, sizeBytes, otherwise: publishFailed });
      writing.outcomes.push({ ok: false, error });
      return undefined;
    }
    const middle = records.length >> 1;
    return (
      (await writePart({ ...batch, records: records.slice(0, middle) }, writing)) ??
      (await writePart({ ...batch, records: records.slice(middle) }, writing))
    );
  }

  /** Resolves with the offset of the first record of each partition that has one. */
  async function send(
    opened: OpenProducer,
    partitions: readonly PartitionRecords[],
    state: SendState,
    { deadlineAtMs, onGivenUp }: Sending,
  ): Promise<ReadonlyMap<number, number>> {
    const [{ topic }] = partitions as [PartitionRecords];
    const messages = partitions.flatMap(({ partition, records }) =>
      records.map(
        ({ key, value, headers }): PlacedMessage => ({
          key,
          value,
          partition,
          state,
          ...(headers === undefined ? {} : { headers: toKafkajsHeaders(headers) }),
        }),
      ),
    );
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
  }

  function toPublishError(cause: unknown, topic: string, opened?: OpenProducer): PusherError {
    return toPusherError(cause, {
      doing: `publish to "${topic}"`,
      topic,
      connectionFailure: opened?.client.lastFailure,
      otherwise: publishFailed,
    });
  }

  /** Resolves when a send that was given up can write nothing more. */
  async function ended(opened: OpenProducer, sent: Promise<unknown>): Promise<void> {
    if (!(await settledWithin(sent, timeoutOfRequestMs + endOfSendMs))) producers.abandon(opened);
  }

  return {
    write,
    isBusy: (of) => lanes.has(partitionId(of)),
    async connect() {
      await producers.connected();
    },
    close: producers.close,
  };
}

/** Takes the first batch, and with it as many of those that waited behind it as fit into a request. */
function takeTurn(lane: Lane): Turn {
  let count = 0;
  const next = lane.waiting.findIndex((pending, index) => {
    count += pending.records.length;
    return index > 0 && count > maxBatchRecords;
  });
  const taken = lane.waiting.splice(0, next === -1 ? lane.waiting.length : next);
  const [first] = taken as [PendingRecords];
  if (taken.length === 1) return { ...first, lane };
  return {
    ...first,
    lane,
    records: taken.flatMap(({ records }) => records),
    deadlineAtMs: Math.max(...taken.map(({ deadlineAtMs }) => deadlineAtMs)),
    answer(outcomes) {
      let start = 0;
      for (const { records, answer } of taken) {
        answer(outcomes.slice(start, start + records.length));
        start += records.length;
      }
    },
  };
}

/** Returns the batches by request: those of one topic and broker together, as far as they fit into one. */
function groupTurns(
  turns: readonly Turn[],
  leaderOf: (topic: string, partition: number) => number | undefined,
): readonly (readonly Turn[])[] {
  const groups: Turn[][] = [];
  const open = new Map<string, { readonly group: Turn[]; records: number; bytes: number }>();
  for (const turn of turns) {
    const { topic, partition } = turn;
    const records = turn.records.length;
    const bytes = turn.records.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
    const leader = leaderOf(topic, partition);
    const found = open.get(`${leader}/${topic}`);
    const fits = found && found.records + records <= maxBatchRecords && found.bytes + bytes <= maxBatchBytes;
    if (fits) {
      found.group.push(turn);
      found.records += records;
      found.bytes += bytes;
      continue;
    }
    const group = [turn];
    groups.push(group);
    if (leader !== undefined) open.set(`${leader}/${topic}`, { group, records, bytes });
  }
  return groups;
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

function* divide(records: readonly PublishRecord[]): Generator<readonly PublishRecord[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, { key, value }] of records.entries()) {
    bytes += key.length + value.length;
    if (index > start && (bytes > maxBatchBytes || index - start === maxBatchRecords)) {
      yield records.slice(start, index);
      start = index;
      bytes = key.length + value.length;
    }
  }
  yield records.slice(start);
}

function unanswered({ topic, partition }: PartitionRecords): BackendUnavailableError {
  return new BackendUnavailableError(`no broker leads partition ${partition} of "${topic}" now; try again`);
}

function unreachable(cause: Error | undefined): BackendUnavailableError {
  return new BackendUnavailableError(
    'cannot publish: no broker answered in time; check the addresses and that they run',
    { cause },
  );
}

function publishFailed(message: string, options: { readonly cause: unknown }): PublishFailedError {
  return new PublishFailedError(message, options);
}
