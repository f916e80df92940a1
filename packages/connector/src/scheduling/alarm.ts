/** Calls a function when it is time. */
export interface Alarm {
  /** Rings at this time, unless it rings earlier. */
  at(atMs: number): void;
  ring(): void;
  /** Rings no more until the next call of `at`. */
  stop(): void;
}

const maxTimerMs = 2 ** 31 - 1;

export interface AlarmOptions {
  /** Gives the time in milliseconds. */
  readonly clock: () => number;
  /** Returns when to ring again; undefined for not before the next call of `at`. It does little at a time: the event loop goes on between two calls. */
  ring(): number | undefined;
  /** Called with an error that `ring` throws. */
  onFailed(error: unknown): void;
}

export function createAlarm({ clock, ring, onFailed }: AlarmOptions): Alarm {
  let setTo = Number.POSITIVE_INFINITY;
  let cancel = () => {};

  function at(atMs: number): void {
    if (atMs >= setTo) return;
    stop();
    setTo = atMs;
    const inMs = atMs - clock();
    if (inMs <= 0) {
      const immediate = setImmediate(fire);
      cancel = () => clearImmediate(immediate);
    } else {
      const timer = setTimeout(fire, Math.min(inMs, maxTimerMs)).unref();
      cancel = () => clearTimeout(timer);
    }
  }

  function stop(): void {
    cancel();
    setTo = Number.POSITIVE_INFINITY;
  }

  function fire(): void {
    stop();
    try {
      const next = ring();
      if (next !== undefined) at(next);
    } catch (error) {
      onFailed(error);
    }
  }

  return { at, ring: fire, stop };
}
