import { AbortedError, BackendUnavailableError, type PusherError } from '@preservarium/core';
import { onAbort } from './on-abort.js';

export interface DeadlineOptions {
  /** What is waited for, for messages: `list the topics`. */
  readonly doing: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Makes the error of the deadline. Default: `BACKEND_UNAVAILABLE`. */
  timedOut?(): PusherError;
}

/** Settles as `promise` does, or rejects at the deadline, or with `ABORTED` when the signal says so. */
export async function withDeadline<Result>(
  promise: Promise<Result>,
  { doing, timeoutMs, signal, timedOut = () => unanswered(doing, timeoutMs) }: DeadlineOptions,
): Promise<Result> {
  const end = Promise.withResolvers<never>();
  const timer = setTimeout(() => end.reject(timedOut()), Math.max(0, timeoutMs));
  const abort = () => end.reject(new AbortedError(doing));
  const stopListening = signal && onAbort(signal, abort);
  if (signal?.aborted) abort();
  try {
    return await Promise.race([promise, end.promise]);
  } finally {
    clearTimeout(timer);
    stopListening?.();
  }
}

/** Resolves with whether `promise` settled within `timeoutMs`; how it settled is for others to tell. */
export async function settledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), Math.max(0, timeoutMs));
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function unanswered(doing: string, timeoutMs: number): BackendUnavailableError {
  return new BackendUnavailableError(
    `cannot ${doing}: no answer from Kafka within ${timeoutMs} ms; check the brokers' addresses and that they run`,
  );
}
