import { onAbort } from './on-abort.js';
import { startTimer } from './timer.js';

/** A time limit for several steps of one operation; signals can end it early. */
export interface TimeLimit {
  /** Aborted when the time is over, or when one of the signals aborts. */
  readonly signal: AbortSignal;
  /** Returns true if the time is over and no signal aborted before. */
  timedOut(): boolean;
  /** Settles as `promise` does, or resolves to `undefined` as soon as the limit ends. Its later result is ignored. */
  within<Result>(promise: Promise<Result>): Promise<Result | undefined>;
  /** Gives the operation its whole time again, unless the limit has ended. */
  restart(): void;
  /** Frees the timer and stops listening to the signals, which may live longer. */
  [Symbol.dispose](): void;
}

/**
 * Starts a time limit. Dispose of it when the operation ended.
 *
 * @param timeoutMs `Infinity` and everything beyond 2^31-1 is 24 days
 */
export function startTimeLimit(timeoutMs: number, signals: readonly AbortSignal[]): TimeLimit {
  const controller = new AbortController();
  const ended = Promise.withResolvers<undefined>();
  let timedOut = false;

  function end(): void {
    // Before the signal: what it aborts may reject, and that is no result of the operation.
    ended.resolve(undefined);
    controller.abort();
  }

  function pass(): void {
    timedOut = !controller.signal.aborted;
    end();
  }

  let timer = startTimer(pass, timeoutMs);
  const listening = signals.map((signal) => onAbort(signal, end));
  if (signals.some(({ aborted }) => aborted)) end();

  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    within: (promise) => Promise.race([ended.promise, promise]),
    restart() {
      timer.clear();
      if (!controller.signal.aborted) timer = startTimer(pass, timeoutMs);
    },
    [Symbol.dispose]() {
      timer.clear();
      for (const stopListening of listening) stopListening();
    },
  };
}
