import { AbortedError, type PusherError } from '@preservarium/core';

/** Settles as `promise` does, or rejects with `timedOut()` after `timeoutMs`, or with `ABORTED` when `signal` says so. */
export async function withDeadline<T>(
  promise: Promise<T>,
  timeoutMs: number,
  timedOut: () => PusherError,
  signal?: AbortSignal,
): Promise<T> {
  const end = Promise.withResolvers<never>();
  const timer = setTimeout(() => end.reject(timedOut()), Math.max(0, timeoutMs));
  const onAbort = () => end.reject(new AbortedError('connect'));
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    return await Promise.race([promise, end.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
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

export function pauseFor(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}
