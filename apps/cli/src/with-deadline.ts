import { AbortedError, BackendUnavailableError } from '@preservarium/core';

export interface DeadlineOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Waits for what has no deadline of its own. Rejects with `BACKEND_UNAVAILABLE` at the deadline and `ABORTED` on the signal. */
export async function withDeadline<Result>(
  what: string,
  promise: Promise<Result>,
  { timeoutMs, signal }: DeadlineOptions,
): Promise<Result> {
  const given = Promise.withResolvers<never>();
  const onAbort = () => given.reject(new AbortedError(what));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  const timer = setTimeout(() => {
    given.reject(
      new BackendUnavailableError(`${what}: Kafka did not answer within ${timeoutMs} ms; check --brokers`),
    );
  }, timeoutMs);
  try {
    return await Promise.race([promise, given.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
