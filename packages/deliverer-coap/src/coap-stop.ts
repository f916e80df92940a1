import { timerDelay } from '@preservarium/concurrency';

/** The reasons to end a delivery early. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Why it was stopped, in words. */
  reason(): string;
  /** It was the deadline, and not somebody who gave the delivery up. */
  isDeadline(): boolean;
  [Symbol.dispose](): void;
}

/** Stops at a deadline, or when one of the signals aborts. To be disposed of, as the signals live longer. */
export function createStop(timeoutMs: number, givenUp: readonly AbortSignal[]): Stop {
  const controller = new AbortController();
  let isDeadline = false;
  const giveUp = () => controller.abort();
  const timer = setTimeout(() => {
    isDeadline = !controller.signal.aborted;
    controller.abort();
  }, timerDelay(timeoutMs));
  for (const signal of givenUp) {
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp);
  }
  return {
    signal: controller.signal,
    reason: () => (isDeadline ? `no answer within ${timeoutMs} ms` : 'the delivery was given up'),
    isDeadline: () => isDeadline,
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const signal of givenUp) signal.removeEventListener('abort', giveUp);
    },
  };
}

/** Resolves as the promise does, or to undefined as soon as the signal aborts. */
export async function unlessStopped<T>(stop: AbortSignal, promise: Promise<T>): Promise<T | undefined> {
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const giveUp = () => resolve(undefined);
  stop.addEventListener('abort', giveUp);
  if (stop.aborted) giveUp();
  try {
    return await Promise.race([stopped, promise]);
  } finally {
    stop.removeEventListener('abort', giveUp);
  }
}
