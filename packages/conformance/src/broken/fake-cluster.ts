import type { FaultyCluster } from '../harness.js';

export interface FakeCluster extends FaultyCluster {
  isUp(): boolean;
}

/** A cluster that only knows whether it is up. */
export function createFakeCluster(): FakeCluster {
  let up = true;
  const become = async (next: boolean) => {
    up = next;
    await nextTurn();
  };
  return {
    isUp: () => up,
    freeze: () => void become(false),
    thaw: () => void become(true),
    kill: () => become(false),
    start: () => become(true),
  };
}

/** Resolves when the event loop has gone round, so that what goes on beside this gets its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
