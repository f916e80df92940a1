/** Lets in as much as there is room for; the others wait in their order. */
export interface Semaphore {
  /** Resolves when there is room; `undefined` when there is at once. What alone is too large goes in when all is empty. */
  enter(weight?: number): Promise<void> | undefined;
  leave(weight?: number): void;
  /** What is inside. */
  weight(): number;
}

interface Waiter {
  readonly weight: number;
  letIn(): void;
}

export function createSemaphore(max: number): Semaphore {
  const waiters: Waiter[] = [];
  let inside = 0;

  function hasRoomFor(weight: number): boolean {
    return inside === 0 || inside + weight <= max;
  }

  function enter(weight = 1): Promise<void> | undefined {
    if (waiters.length === 0 && hasRoomFor(weight)) {
      inside += weight;
      return undefined;
    }
    return new Promise((resolve) => {
      waiters.push({ weight, letIn: resolve });
    });
  }

  function leave(weight = 1): void {
    inside -= weight;
    for (let next = waiters[0]; next !== undefined && hasRoomFor(next.weight); next = waiters[0]) {
      waiters.shift();
      inside += next.weight;
      next.letIn();
    }
  }

  return { enter, leave, weight: () => inside };
}
