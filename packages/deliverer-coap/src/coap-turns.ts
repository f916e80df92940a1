/** One turn at a time for each key. */
export interface Turns {
  /** Resolves with a function that ends the turn, or with undefined as soon as `stop` aborts. */
  take(key: string, stop: AbortSignal): Promise<(() => void) | undefined>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    async take(key, stop) {
      const before = last.get(key);
      const turn = Promise.withResolvers<void>();
      const ended = (before ?? Promise.resolve()).then(() => turn.promise);
      last.set(key, ended);
      void ended.then(() => {
        if (last.get(key) === ended) last.delete(key);
      });
      const giveUp = Promise.withResolvers<void>();
      const onAbort = () => giveUp.resolve();
      stop.addEventListener('abort', onAbort);
      if (!stop.aborted) await Promise.race([before, giveUp.promise]);
      stop.removeEventListener('abort', onAbort);
      if (!stop.aborted) return turn.resolve;
      turn.resolve();
      return undefined;
    },
  };
}
