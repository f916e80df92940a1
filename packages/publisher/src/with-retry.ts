import { AbortedError, ClosedError, PublishTimedOutError, type PusherError } from '@preservarium/core';
import type { PublisherBackend, PublishOutcome, PublishRecord, WaitOptions } from './publisher-backend.js';

export interface RetrySettings {
  /** Attempts for one record, the first included. Default 5. */
  readonly maxAttempts?: number;
  /** Longest pause before the second attempt, in milliseconds; it doubles with each further one. Default 100. */
  readonly baseDelayMs?: number;
  /** Longest pause before any attempt, in milliseconds. Default 5,000. */
  readonly maxDelayMs?: number;
  /** From 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number;
}

/** One record of one call. */
interface Entry {
  readonly record: PublishRecord;
  readonly queue: KeyQueue;
  readonly call: Call;
  readonly position: number;
  /** Its place among the records of its key. */
  readonly order: number;
  attempts: number;
  /** Why the last attempt failed; absent while it has not been tried or is being tried. */
  error?: PusherError | undefined;
}

interface Call {
  readonly outcomes: PublishOutcome[];
  readonly entries: Set<Entry>;
  readonly deadlineMs: number;
  readonly options: WaitOptions;
  readonly resolve: (outcomes: readonly PublishOutcome[]) => void;
  /** Ends the watch on the deadline and the signal; present once a record of the call has to wait. */
  endWatch?: () => void;
}

/** The records of one key that have no outcome yet, in order. */
interface KeyQueue {
  readonly key: string;
  readonly entries: Set<Entry>;
  nextOrder: number;
  inFlight: number;
  /** Order of the last record of the key that was acknowledged: what came before it is not tried again. */
  lastAcknowledged: number;
  /** Set while a record waits to be tried again; later records of the key wait behind it. */
  blocked: boolean;
  pause?: NodeJS.Timeout;
}

/**
 * A backend that publishes again what failed with a `retryable` error, after a pause drawn from 0 to a limit that doubles
 * (full jitter), within the deadline of the call. `close` ends the pauses: what waits in one fails with `CLOSED`.
 *
 * The order of a device holds: while a record waits to be tried again, later ones of its key wait behind it, and a record
 * that a later one has overtaken is not tried again. A retry after `PUBLISH_TIMED_OUT` may write a record twice, with the
 * same request id.
 */
export function withRetry<Inner extends PublisherBackend>(inner: Inner, settings: RetrySettings = {}): Inner {
  const { maxAttempts = 5, baseDelayMs = 100, maxDelayMs = 5_000, random = Math.random } = settings;
  const queues = new Map<string, KeyQueue>();
  let closing = false;

  function publish(
    records: readonly PublishRecord[],
    options: WaitOptions,
  ): Promise<readonly PublishOutcome[]> {
    if (closing || records.length === 0) return inner.publish(records, options);
    return new Promise((resolve) => {
      const deadlineMs = performance.now() + options.timeoutMs;
      const call: Call = {
        outcomes: new Array(records.length),
        entries: new Set(),
        deadlineMs,
        options,
        resolve,
      };
      const free: Entry[] = [];
      for (const [position, record] of records.entries()) {
        const queue = queueOf(record.key);
        const entry: Entry = { record, queue, call, position, order: queue.nextOrder++, attempts: 0 };
        queue.entries.add(entry);
        call.entries.add(entry);
        if (queue.blocked) watch(call);
        else free.push(entry);
      }
      attempt(free, options);
    });
  }

  function queueOf(key: string): KeyQueue {
    let queue = queues.get(key);
    if (queue === undefined) {
      queue = { key, entries: new Set(), nextOrder: 0, inFlight: 0, lastAcknowledged: -1, blocked: false };
      queues.set(key, queue);
    }
    return queue;
  }

  function attempt(entries: readonly Entry[], options: WaitOptions): void {
    if (entries.length === 0) return;
    for (const entry of entries) {
      entry.attempts++;
      entry.error = undefined;
      entry.queue.inFlight++;
    }
    const records = entries.map((entry) => entry.record);
    void inner.publish(records, options).then((outcomes) => {
      for (const [index, entry] of entries.entries()) settleAttempt(entry, outcomes[index] as PublishOutcome);
    });
  }

  function settleAttempt(entry: Entry, outcome: PublishOutcome): void {
    const { queue } = entry;
    queue.inFlight--;
    if (outcome.ok) queue.lastAcknowledged = Math.max(queue.lastAcknowledged, entry.order);
    if (!outcome.ok && outcome.error.retryable && queue.entries.has(entry)) {
      entry.error = outcome.error;
      queue.blocked = true;
      watch(entry.call);
    } else {
      answer(entry, outcome);
    }
    if (queue.inFlight === 0) proceed(queue);
  }

  /** Decides what is next for a key of which nothing is in flight. */
  function proceed(queue: KeyQueue): void {
    let attempts = 0;
    for (const entry of queue.entries) {
      if (closing) {
        answer(entry, {
          ok: false,
          error: new ClosedError(`the ${inner.name} backend`, { cause: entry.error }),
        });
      } else if (entry.error !== undefined) {
        const hopeless = entry.attempts >= maxAttempts || entry.order < queue.lastAcknowledged;
        if (hopeless) answer(entry, { ok: false, error: entry.error });
        else attempts = Math.max(attempts, entry.attempts);
      }
    }
    if (queue.entries.size === 0) queues.delete(queue.key);
    else if (attempts === 0) attemptAll(queue);
    else
      queue.pause = setTimeout(
        attemptAll,
        random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempts - 1)),
        queue,
      );
  }

  function attemptAll(queue: KeyQueue): void {
    const entries = [...queue.entries];
    queue.blocked = entries.some((entry) => entry.error !== undefined);
    // Each record is answered at its own deadline; the attempt may go on to the latest of them.
    const deadlineMs = Math.max(...entries.map((entry) => entry.call.deadlineMs));
    if (entries.length === 0) queues.delete(queue.key);
    else attempt(entries, { timeoutMs: Math.max(1, deadlineMs - performance.now()) });
  }

  function answer(entry: Entry, outcome: PublishOutcome): void {
    const { call } = entry;
    entry.queue.entries.delete(entry);
    if (!call.entries.delete(entry)) return;
    call.outcomes[entry.position] = outcome;
    if (call.entries.size > 0) return;
    call.endWatch?.();
    call.resolve(call.outcomes);
  }

  function watch(call: Call): void {
    if (call.endWatch !== undefined) return;
    const { signal, timeoutMs } = call.options;
    const giveUp = (errorOf: (entry: Entry) => PusherError) => {
      for (const entry of call.entries) answer(entry, { ok: false, error: errorOf(entry) });
    };
    const onAbort = () => giveUp(() => new AbortedError('publish'));
    const onDeadline = () =>
      giveUp(
        ({ attempts, error }) =>
          new PublishTimedOutError(timeoutMs, { mayBeWritten: attempts > 0, cause: error }),
      );
    const timer = setTimeout(onDeadline, Math.max(0, call.deadlineMs - performance.now()));
    signal?.addEventListener('abort', onAbort, { once: true });
    call.endWatch = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    if (signal?.aborted) onAbort();
  }

  async function close(options: { readonly timeoutMs: number }): Promise<void> {
    closing = true;
    for (const queue of queues.values()) {
      clearTimeout(queue.pause);
      if (queue.inFlight === 0) proceed(queue);
    }
    await inner.close(options);
  }

  return { ...inner, publish, close };
}
