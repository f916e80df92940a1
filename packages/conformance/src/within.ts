import { settledWithin } from '@preservarium/concurrency';

/** Gives the promise's result, or rejects after `timeoutMs`: a suite must fail where a backend hangs. */
export async function within<Result>(
  promise: Promise<Result>,
  timeoutMs: number,
  what: string,
): Promise<Result> {
  if (await settledWithin(promise, timeoutMs)) return promise;
  throw new Error(`${what} did not happen within ${timeoutMs} ms`);
}
