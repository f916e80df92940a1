import { type DeadlineOptions, withDeadline } from '@preservarium/concurrency';

/** Runs what has the same key one after another, in the order of the calls. */
export type InTurn = <Result>(
  key: string,
  waitOptions: DeadlineOptions,
  run: () => Promise<Result>,
) => Promise<Result>;

export function createInTurn(): InTurn {
  const latest = new Map<string, Promise<void>>();
  return async (key, waitOptions, run) => {
    const before = latest.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    // Who gives up waiting does not let the next one overtake those before.
    const ended = before === undefined ? promise : before.then(() => promise);
    latest.set(key, ended);
    try {
      if (before !== undefined) await withDeadline(before, waitOptions);
      return await run();
    } finally {
      resolve();
      void ended.then(() => {
        if (latest.get(key) === ended) latest.delete(key);
      });
    }
  };
}
