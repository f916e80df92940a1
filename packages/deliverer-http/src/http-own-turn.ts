import { startSlice } from '@preservarium/concurrency';

let last: Promise<void> = Promise.resolve();

/** Resolves in a turn of the event loop that no other caller has. */
export function ownTurn(): Promise<void> {
  last = last.then(() => startSlice().next());
  return last;
}
