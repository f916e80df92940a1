import type { PublishOutcome, PublishRecord, WaitOptions } from '@preservarium/backend';
import { createDeadlines, createQueue, type Deadline, onAbort, type Queue } from '@preservarium/concurrency';
import type { PusherError } from '@preservarium/core';
import {
  AbortedError,
  ClosedError,
  PublishFailedError,
  PublishTimedOutError,
  QueueFullError,
} from '@preservarium/core';

export interface BatcherOptions {
  /** Name of the backend, for messages. */
  readonly name: string;
  /** Groups of different lanes are committed side by side. */
  readonly lanes: number;
  /** The lane of a key, from 0 to `lanes - 1`; always the same for one key. */
  laneOf(key: string): number;
  /** A group closes at this many records or bytes, whichever comes first; a single call is never divided. */
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  /** Bytes of records queued and in flight, beyond which calls wait for room. Default 64 MiB. */
  readonly maxQueuedBytes: number | undefined;
  /** Bytes of records that wait for room, beyond which calls are refused. 0: none waits. Default 256 MiB. */
  readonly maxWaitingBytes: number | undefined;
  /**
   * Publishes the records in their order and resolves with one outcome for each, once nothing of them can be written any
   * more: the next group of the lane starts only then. Must be bounded in time by the client's own delivery timeout.
   */
  writeBatch(records: readonly PublishRecord[], lane: number): Promise<readonly PublishOutcome[]>;
}

export interface Batcher {
  publish(records: readonly PublishRecord[], options: WaitOptions): Promise<readonly PublishOutcome[]>;
  /** Commits what is queued; what is not committed at the deadline fails with `CLOSED`. */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** The records of one call that go to one lane. */
interface Batch {
  readonly records: readonly PublishRecord[];
  readonly bytes: number;
  readonly lane: number;
  readonly timeoutMs: number;
  readonly resolve: (outcomes: readonly PublishOutcome[]) => void;
  place: 'waiting for room' | 'queued' | 'in flight' | 'done';
  /** Undefined once the caller has an answer, at a deadline before the client is done. */
  deadline: Deadline<Batch> | undefined;
  stopListening: (() => void) | undefined;
}

interface Lane {
  readonly queue: Queue<Batch>;
  committing: boolean;
}

/**
 * Group commit: while one group of a lane is under way, the calls that arrive form the next one. So a client is given
 * large groups under load and a single record at once when idle, and the order of a key holds because no two groups of a
 * lane are ever in flight together. A call whose deadline passes while it is queued is never sent.
 */
export function createBatcher(settings: BatcherOptions): Batcher {
  const { maxQueuedBytes = 64 * 1024 * 1024, maxWaitingBytes = 256 * 1024 * 1024 } = settings;
  const lanes: Lane[] = Array.from({ length: settings.lanes }, () => ({
    queue: createQueue(),
    committing: false,
  }));
  const deadlines = createDeadlines<Batch>((batch) => giveUp(batch, timedOut(batch)));
  const waiting = createQueue<Batch>();
  let unfinished = 0;
  let queuedBytes = 0;
  let waitingBytes = 0;
  let closed: Promise<void> | undefined;
  let onIdle: (() => void) | undefined;

  function publish(
    records: readonly PublishRecord[],
    options: WaitOptions,
  ): Promise<readonly PublishOutcome[]> {
    if (closed) return Promise.resolve(failAll(records, new ClosedError(`the ${settings.name} backend`)));
    if (options.signal?.aborted) return Promise.resolve(failAll(records, new AbortedError('publish')));
    const [first] = records;
    if (first === undefined) return Promise.resolve([]);
    if (settings.lanes === 1) return enqueue(records, 0, options);
    if (records.length === 1) return enqueue(records, settings.laneOf(first.key), options);
    return enqueueByLane(records, options);
  }

  async function enqueueByLane(records: readonly PublishRecord[], options: WaitOptions) {
    const positions: number[][] = lanes.map(() => []);
    records.forEach((record, position) => {
      positions[settings.laneOf(record.key)]?.push(position);
    });
    const outcomes: PublishOutcome[] = new Array(records.length);
    await Promise.all(
      positions.map(async (ofLane, lane) => {
        if (ofLane.length === 0) return;
        const part = ofLane.map((position) => records[position] as PublishRecord);
        const partOutcomes = await enqueue(part, lane, options);
        ofLane.forEach((position, index) => {
          outcomes[position] = partOutcomes[index] as PublishOutcome;
        });
      }),
    );
    return outcomes;
  }

  function enqueue(records: readonly PublishRecord[], lane: number, { timeoutMs, signal }: WaitOptions) {
    const bytes = sizeOf(records);
    const mustWait = waitingBytes > 0 || !hasRoomFor(bytes);
    if (mustWait && !mayWait(bytes)) return Promise.resolve(failAll(records, refused()));
    return new Promise<readonly PublishOutcome[]>((resolve) => {
      const batch: Batch = {
        records,
        bytes,
        lane,
        timeoutMs,
        resolve,
        place: 'waiting for room',
        deadline: undefined,
        stopListening: undefined,
      };
      batch.deadline = deadlines.add(batch, timeoutMs);
      if (signal) batch.stopListening = onAbort(signal, () => giveUp(batch, new AbortedError('publish')));
      unfinished++;
      if (!mustWait) return admit(batch);
      waitingBytes += bytes;
      waiting.push(batch);
    });
  }

  /** What alone is larger than all that may wait, waits alone. */
  function mayWait(bytes: number): boolean {
    return maxWaitingBytes > 0 && (waitingBytes === 0 || waitingBytes + bytes <= maxWaitingBytes);
  }

  function refused(): PusherError {
    return new QueueFullError(
      `the queue of ${maxQueuedBytes} bytes is full, and ${maxWaitingBytes} more wait for room: push more slowly, or raise maxQueuedBytes or maxWaitingBytes`,
    );
  }

  function timedOut({ place, timeoutMs }: Batch): PusherError {
    if (place !== 'waiting for room')
      return new PublishTimedOutError(timeoutMs, { mayBeWritten: place === 'in flight' });
    return new QueueFullError(
      `no room in the queue of ${maxQueuedBytes} bytes within ${timeoutMs} ms: push more slowly, or raise maxQueuedBytes`,
    );
  }

  /** Only the first answer counts. */
  function answer(batch: Batch, outcomes: readonly PublishOutcome[]): void {
    if (batch.deadline === undefined) return;
    deadlines.remove(batch, batch.deadline);
    batch.deadline = undefined;
    batch.stopListening?.();
    batch.resolve(outcomes);
  }

  /** Answers the caller with `error`. What is in flight keeps its place and its bytes until the client is done with it. */
  function giveUp(batch: Batch, error: PusherError): void {
    if (batch.deadline === undefined) return;
    answer(batch, failAll(batch.records, error));
    if (batch.place === 'in flight') return;
    if (batch.place === 'queued') laneOf(batch).queue.drop(batch);
    else waiting.drop(batch);
    finish(batch);
    admitWaiting();
    endIfIdle();
  }

  function finish(batch: Batch): void {
    if (batch.place === 'waiting for room') waitingBytes -= batch.bytes;
    else queuedBytes -= batch.bytes;
    batch.place = 'done';
    unfinished--;
  }

  function admitWaiting(): void {
    for (let batch = waiting.first(); batch && hasRoomFor(batch.bytes); batch = waiting.first()) {
      waiting.shift();
      waitingBytes -= batch.bytes;
      admit(batch);
    }
  }

  function admit(batch: Batch): void {
    batch.place = 'queued';
    queuedBytes += batch.bytes;
    const lane = laneOf(batch);
    lane.queue.push(batch);
    if (lane.committing) return;
    lane.committing = true;
    // A turn of the microtask queue, so that calls made side by side go together.
    queueMicrotask(() => void commitGroupsOf(lane, batch.lane));
  }

  /** What is larger than the whole queue goes when the queue is empty. */
  function hasRoomFor(bytes: number): boolean {
    return queuedBytes === 0 || queuedBytes + bytes <= maxQueuedBytes;
  }

  function laneOf(batch: Batch): Lane {
    return lanes[batch.lane] as Lane;
  }

  async function commitGroupsOf(lane: Lane, index: number): Promise<void> {
    for (let group = takeGroup(lane); group.length > 0; group = takeGroup(lane)) {
      const outcomes = await commit(
        group.flatMap((batch) => batch.records),
        index,
      );
      let start = 0;
      for (const batch of group) {
        const end = start + batch.records.length;
        answer(batch, group.length === 1 ? outcomes : outcomes.slice(start, end));
        finish(batch);
        start = end;
      }
      admitWaiting();
    }
    lane.committing = false;
    endIfIdle();
  }

  async function commit(records: readonly PublishRecord[], lane: number): Promise<readonly PublishOutcome[]> {
    try {
      return await settings.writeBatch(records, lane);
    } catch (cause) {
      return failAll(
        records,
        new PublishFailedError(`the ${settings.name} backend failed: ${String(cause)}`, { cause }),
      );
    }
  }

  function takeGroup({ queue }: Lane): Batch[] {
    const group: Batch[] = [];
    let records = 0;
    let bytes = 0;
    for (let batch = queue.first(); batch; batch = queue.first()) {
      records += batch.records.length;
      bytes += batch.bytes;
      if (group.length > 0 && (records > settings.maxBatchRecords || bytes > settings.maxBatchBytes)) break;
      queue.shift();
      batch.place = 'in flight';
      group.push(batch);
    }
    return group;
  }

  function endIfIdle(): void {
    if (unfinished === 0) onIdle?.();
  }

  function close({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    closed ??= new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        for (const batch of deadlines.items()) giveUp(batch, new ClosedError(`the ${settings.name} backend`));
        resolve();
      }, timeoutMs);
      onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
      endIfIdle();
    });
    return closed;
  }

  return { publish, close };
}

function sizeOf(records: readonly PublishRecord[]): number {
  let bytes = 0;
  for (const { key, value, headers } of records) {
    bytes += key.length + value.length;
    for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
  }
  return bytes;
}

function failAll(records: readonly PublishRecord[], error: PusherError): PublishOutcome[] {
  return records.map(() => ({ ok: false, error }));
}
