import { AbortedError, BackendUnavailableError, type PusherError } from '@preservarium/core';
import { onAbort } from './on-abort.js';
import { startTimer } from './timer.js';

export interface DeadlineOptions {
  /** The operation, for messages: `list the topics`. */
  readonly doing: string;
  /** In milliseconds from now. `Infinity` and everything beyond 2^31-1 is 24 days. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Makes the error of the deadline. Default: `BACKEND_UNAVAILABLE`. */
  timedOut?(): PusherError;
}

/** Settles as `promise` does; rejects at the deadline, and with `ABORTED` when the signal is aborted. */
export async function withDeadline<Result>(
  promise: Promise<Result>,
  { doing, timeoutMs, signal, timedOut = () => unanswered(doing, timeoutMs) }: DeadlineOptions,
): Promise<Result> {
  const end = Promise.withResolvers<Result>();
  const abort = () => end.reject(new AbortedError(doing));
  const stopListening = signal && onAbort(signal, abort);
  if (signal?.aborted) abort();
  try {
    return await raceTimer(promise, end, timeoutMs, () => end.reject(timedOut()));
  } finally {
    stopListening?.();
  }
}

/**
 * Resolves to true if `promise` settles, in whatever way, within `timeoutMs`, and to false after that. It never rejects.
 *
 * @param timeoutMs `Infinity` and everything beyond 2^31-1 is 24 days
 */
export function settledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const end = Promise.withResolvers<boolean>();
  const settled = promise.then(
    () => true,
    () => true,
  );
  return raceTimer(settled, end, timeoutMs, () => end.resolve(false));
}

async function raceTimer<Result>(
  promise: Promise<Result>,
  end: PromiseWithResolvers<Result>,
  timeoutMs: number,
  onDeadline: () => void,
): Promise<Result> {
  const timer = startTimer(onDeadline, timeoutMs);
  try {
    return await Promise.race([promise, end.promise]);
  } finally {
    timer.clear();
  }
}

function unanswered(doing: string, timeoutMs: number): BackendUnavailableError {
  return new BackendUnavailableError(
    `cannot ${doing}: no answer from Kafka within ${Math.round(timeoutMs)} ms; check the brokers' addresses and that they run`,
  );
}
