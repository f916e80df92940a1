/** Bounds the weight of what runs at the same time; callers that exceed it wait in the order of their calls. */
export interface Semaphore {
  /**
   * Takes `weight` permits, by default 1. Returns `undefined` if they are free, else a promise that resolves once they are taken. A
   * weight above the maximum is granted when nothing else is held.
   */
  acquire(weight?: number): Promise<void> | undefined;
  /** Returns permits that `acquire` took; the weight must be the same. */
  release(weight?: number): void;
  /** Returns the weight that is held now. */
  weight(): number;
}

interface Waiter {
  readonly weight: number;
  grant(): void;
}

/** Returns a semaphore with `max` permits. */
export function createSemaphore(max: number): Semaphore {
  const waiters: Waiter[] = [];
  let held = 0;

  function fits(weight: number): boolean {
    return held === 0 || held + weight <= max;
  }

  function acquire(weight = 1): Promise<void> | undefined {
    if (waiters.length === 0 && fits(weight)) {
      held += weight;
      return undefined;
    }
    return new Promise((resolve) => {
      waiters.push({ weight, grant: resolve });
    });
  }

  function release(weight = 1): void {
    held -= weight;
    for (let next = waiters[0]; next !== undefined && fits(next.weight); next = waiters[0]) {
      waiters.shift();
      held += next.weight;
      next.grant();
    }
  }

  return { acquire, release, weight: () => held };
}
