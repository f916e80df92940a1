import type { PublishOutcome, PublishRecord, WaitOptions } from '@preservarium/backend';
import {
  createDeadlines,
  createQueue,
  type Deadline,
  onAbort,
  type Queue,
  timerDelay,
} from '@preservarium/concurrency';
import {
  AbortedError,
  ClosedError,
  PublishFailedError,
  PublishTimedOutError,
  type PusherError,
  QueueFullError,
} from '@preservarium/core';
import type { Batcher, BatcherOptions, BatchProgress } from './batcher-options.js';
import { failAll } from './fail-all.js';
import { pendingCost } from './pending-cost.js';
import { sizeOf } from './size-of.js';

/** The records of one call of `publish` that go to one shard. */
interface PendingCall {
  readonly records: readonly PublishRecord[];
  /** As they are sent. */
  readonly bytes: number;
  /** Memory that the call takes until it is done. */
  readonly cost: number;
  readonly shard: number;
  readonly timeoutMs: number;
  readonly resolve: (outcomes: readonly PublishOutcome[]) => void;
  place: 'waiting' | 'queued' | 'in flight' | 'done';
  /** Undefined once the caller has its outcomes; at a deadline that is before the client has. */
  deadline: Deadline<PendingCall> | undefined;
  stopListening: (() => void) | undefined;
}

interface Shard {
  readonly queue: Queue<PendingCall>;
  writing: boolean;
}

/**
 * Returns a batcher: while one batch of a shard is in flight, the calls that arrive form the next one. So a client gets
 * large batches under load and a single record at once when idle, and the order of a key holds because no two batches of a
 * shard are in flight together, unless the client keeps the order by itself. A call whose deadline passes while it is queued is never sent.
 */
export function createBatcher(options: BatcherOptions): Batcher {
  const {
    maxQueuedBytes = 64 * 1024 * 1024,
    maxWaitingBytes = 256 * 1024 * 1024,
    costOf = pendingCost,
  } = options;
  const shards: Shard[] = Array.from({ length: options.shards }, () => ({
    queue: createQueue(),
    writing: false,
  }));
  const deadlines = createDeadlines<PendingCall>((call) => giveUp(call, timedOut(call)));
  const waiting = createQueue<PendingCall>();
  let unfinished = 0;
  let queuedBytes = 0;
  let waitingBytes = 0;
  let closed: Promise<void> | undefined;
  let onIdle: (() => void) | undefined;

  function publish(
    records: readonly PublishRecord[],
    waitOptions: WaitOptions,
  ): Promise<readonly PublishOutcome[]> {
    if (closed) return Promise.resolve(failAll(records, new ClosedError(`the ${options.name} backend`)));
    if (waitOptions.signal?.aborted) return Promise.resolve(failAll(records, new AbortedError('publish')));
    const [first] = records;
    if (first === undefined) return Promise.resolve([]);
    if (options.shards === 1) return enqueue(records, 0, waitOptions);
    if (records.length === 1) return enqueue(records, options.shardOf(first.key), waitOptions);
    return enqueueByShard(records, waitOptions);
  }

  async function enqueueByShard(records: readonly PublishRecord[], waitOptions: WaitOptions) {
    const positions: number[][] = shards.map(() => []);
    records.forEach((record, position) => {
      positions[options.shardOf(record.key)]?.push(position);
    });
    const outcomes: PublishOutcome[] = new Array(records.length);
    await Promise.all(
      positions.map(async (ofShard, shard) => {
        if (ofShard.length === 0) return;
        const part = ofShard.map((position) => records[position] as PublishRecord);
        const partOutcomes = await enqueue(part, shard, waitOptions);
        ofShard.forEach((position, index) => {
          outcomes[position] = partOutcomes[index] as PublishOutcome;
        });
      }),
    );
    return outcomes;
  }

  function enqueue(records: readonly PublishRecord[], shard: number, { timeoutMs, signal }: WaitOptions) {
    const cost = costOf(records);
    const mustWait = waitingBytes > 0 || !fits(cost);
    if (mustWait && !mayWait(cost)) return Promise.resolve(failAll(records, queueFull()));
    return new Promise<readonly PublishOutcome[]>((resolve) => {
      const call: PendingCall = {
        records,
        bytes: sizeOf(records),
        cost,
        shard,
        timeoutMs,
        resolve,
        place: 'waiting',
        deadline: undefined,
        stopListening: undefined,
      };
      call.deadline = deadlines.add(call, timeoutMs);
      if (signal) call.stopListening = onAbort(signal, () => giveUp(call, new AbortedError('publish')));
      unfinished++;
      if (!mustWait) return admit(call);
      waitingBytes += cost;
      waiting.push(call);
    });
  }

  /** A call larger than `maxWaitingBytes` may wait only when nothing else waits. */
  function mayWait(bytes: number): boolean {
    return maxWaitingBytes > 0 && (waitingBytes === 0 || waitingBytes + bytes <= maxWaitingBytes);
  }

  function queueFull(): PusherError {
    return new QueueFullError(
      `waiting limit reached (maxQueuedBytes = ${maxQueuedBytes}, maxWaitingBytes = ${maxWaitingBytes}): push more slowly, or raise one of them`,
    );
  }

  function timedOut({ place, timeoutMs }: PendingCall): PusherError {
    if (place !== 'waiting') {
      const error = new PublishTimedOutError(timeoutMs, { mayBeWritten: place === 'in flight' });
      return options.explainTimeout?.(error) ?? error;
    }
    return new QueueFullError(
      `the queue stayed full (maxQueuedBytes = ${maxQueuedBytes}) for ${Math.round(timeoutMs)} ms: push more slowly, or raise maxQueuedBytes`,
    );
  }

  /** Resolves the call; only the first outcomes count. */
  function answer(call: PendingCall, outcomes: readonly PublishOutcome[]): void {
    if (call.deadline === undefined) return;
    deadlines.remove(call, call.deadline);
    call.deadline = undefined;
    call.stopListening?.();
    call.resolve(outcomes);
  }

  /** Fails the call with `error`. A call in flight keeps its place and its bytes until the client has its outcomes. */
  function giveUp(call: PendingCall, error: PusherError): void {
    if (call.deadline === undefined) return;
    answer(call, failAll(call.records, error));
    if (call.place === 'in flight') return;
    if (call.place === 'queued') shardOf(call).queue.drop(call);
    else waiting.drop(call);
    finish(call);
    admitWaiting();
    endIfIdle();
  }

  function finish(call: PendingCall): void {
    if (call.place === 'waiting') waitingBytes -= call.cost;
    else queuedBytes -= call.cost;
    call.place = 'done';
    unfinished--;
  }

  function admitWaiting(): void {
    for (let call = waiting.first(); call && fits(call.cost); call = waiting.first()) {
      waiting.shift();
      waitingBytes -= call.cost;
      admit(call);
    }
  }

  function admit(call: PendingCall): void {
    call.place = 'queued';
    queuedBytes += call.cost;
    const shard = shardOf(call);
    shard.queue.push(call);
    if (shard.writing) return;
    shard.writing = true;
    // In a microtask, so that calls made side by side go together.
    queueMicrotask(() => writeNextBatch(shard, call.shard));
  }

  /** A call larger than the queue goes when the queue is empty. */
  function fits(bytes: number): boolean {
    return queuedBytes === 0 || queuedBytes + bytes <= maxQueuedBytes;
  }

  function shardOf(call: PendingCall): Shard {
    return shards[call.shard] as Shard;
  }

  function writeNextBatch(shard: Shard, index: number): void {
    const batch = takeBatch(shard);
    if (batch.length === 0) {
      shard.writing = false;
      endIfIdle();
      return;
    }
    let hasGoneOn = false;
    const goOn = () => {
      if (hasGoneOn) return;
      hasGoneOn = true;
      writeNextBatch(shard, index);
    };
    const settled = (outcomes: readonly (PublishOutcome | undefined)[]) => {
      settle(batch, outcomes);
      admitWaiting();
      endIfIdle();
    };
    const records = batch.flatMap((call) => call.records);
    void write(records, index, { settled, goOn }).then((outcomes) => {
      settled(outcomes);
      goOn();
    });
  }

  /** Answers the calls whose records all have an outcome. */
  function settle(batch: readonly PendingCall[], outcomes: readonly (PublishOutcome | undefined)[]): void {
    let start = 0;
    for (const call of batch) {
      const end = start + call.records.length;
      if (call.place === 'in flight' && isComplete(outcomes, start, end)) {
        answer(call, batch.length === 1 ? outcomes : outcomes.slice(start, end));
        finish(call);
      }
      start = end;
    }
  }

  async function write(
    records: readonly PublishRecord[],
    shard: number,
    progress: BatchProgress,
  ): Promise<readonly PublishOutcome[]> {
    try {
      return await options.writeBatch(records, shard, progress);
    } catch (cause) {
      return failAll(
        records,
        new PublishFailedError(`the ${options.name} backend failed: ${String(cause)}`, { cause }),
      );
    }
  }

  function takeBatch({ queue }: Shard): PendingCall[] {
    const batch: PendingCall[] = [];
    let records = 0;
    let bytes = 0;
    for (let call = queue.first(); call; call = queue.first()) {
      records += call.records.length;
      bytes += call.bytes;
      if (batch.length > 0 && (records > options.maxBatchRecords || bytes > options.maxBatchBytes)) break;
      queue.shift();
      call.place = 'in flight';
      batch.push(call);
    }
    return batch;
  }

  function endIfIdle(): void {
    if (unfinished === 0) onIdle?.();
  }

  function close({ timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    closed ??= new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        for (const call of deadlines.items()) giveUp(call, new ClosedError(`the ${options.name} backend`));
        resolve();
      }, timerDelay(timeoutMs));
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

function isComplete(
  outcomes: readonly (PublishOutcome | undefined)[],
  start: number,
  end: number,
): outcomes is readonly PublishOutcome[] {
  for (let position = start; position < end; position++) if (outcomes[position] === undefined) return false;
  return true;
}
