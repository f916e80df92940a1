import { settledWithin } from '@preservarium/concurrency';

const never = new Promise<never>(() => {});

/** Waits for `ms`, or until the promise settles. Resolves to true if it did. */
export function pause(ms: number, until: Promise<unknown> = never): Promise<boolean> {
  return settledWithin(until, ms);
}
