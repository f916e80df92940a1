import { type DeadlineOptions, withDeadline } from '@preservarium/concurrency';

interface TurnOptions extends DeadlineOptions {
  /** Called after `run` was called and has settled; the next call runs when it has resolved. Must not reject. */
  afterwards(): Promise<void>;
}

/** Runs functions with the same key one after another, in the order of the calls. */
export type InTurn = <Result>(
  key: string,
  options: TurnOptions,
  run: () => Promise<Result>,
) => Promise<Result>;

/** Returns an `InTurn`; keys without calls take no memory. A call that reaches its deadline before its turn rejects and does not run. */
export function createInTurn(): InTurn {
  const latest = new Map<string, Promise<void>>();
  return async (key, { afterwards, ...waitOptions }, run) => {
    const before = latest.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    // Includes the calls before, so that a call that gives up does not let the next one overtake them.
    const ended = before === undefined ? promise : before.then(() => promise);
    latest.set(key, ended);
    void ended.then(() => {
      if (latest.get(key) === ended) latest.delete(key);
    });
    try {
      if (before !== undefined) await withDeadline(before, waitOptions);
    } catch (error) {
      resolve();
      throw error;
    }
    try {
      return await run();
    } finally {
      void afterwards().then(resolve);
    }
  };
}
