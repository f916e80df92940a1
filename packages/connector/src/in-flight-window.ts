/** Bounds what is in flight. Once full, it takes nothing until a quarter is free, so that those who wait are woken once for many. */
export interface InFlightWindow {
  /** Returns whether there was room. What alone is too large goes in when all is empty. */
  enter(weight: number): boolean;
  /** Resolves when it is worth trying again, for all in the order in which they came. */
  untilRoom(): Promise<void>;
  leave(weight: number): void;
  /** What is inside. */
  weight(): number;
}

const fullUntil = 0.75;

export function createInFlightWindow(max: number): InFlightWindow {
  let inside = 0;
  let room: PromiseWithResolvers<void> | undefined;

  function enter(weight: number): boolean {
    if (room !== undefined) return false;
    if (inside > 0 && inside + weight > max) {
      room = Promise.withResolvers();
      return false;
    }
    inside += weight;
    return true;
  }

  function leave(weight: number): void {
    inside -= weight;
    if (inside > max * fullUntil) return;
    room?.resolve();
    room = undefined;
  }

  return { enter, leave, untilRoom: async () => room?.promise, weight: () => inside };
}
