import { timerDelay } from '@preservarium/concurrency';

type Outcome<Value> =
  | { readonly inTime: true; readonly value: Value }
  | { readonly inTime: false; readonly reason: string };

/** Resolves as the promise does, unless the deadline passes or a signal aborts before. */
export async function beforeDeadline<Value>(
  promise: Promise<Value>,
  { timeoutMs, signals }: { readonly timeoutMs: number; readonly signals: readonly AbortSignal[] },
): Promise<Outcome<Value>> {
  const over = Promise.withResolvers<Outcome<Value>>();
  const onAbort = () => over.resolve({ inTime: false, reason: 'before it was given up' });
  const timer = setTimeout(
    () => over.resolve({ inTime: false, reason: `within ${timeoutMs} ms` }),
    timerDelay(timeoutMs),
  );
  for (const signal of signals) {
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  }
  try {
    return await Promise.race([over.promise, promise.then((value) => ({ inTime: true as const, value }))]);
  } finally {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener('abort', onAbort);
  }
}
