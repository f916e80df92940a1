/**
 * Bounds what is in flight. Those who wait are told of room once in a turn of the event loop, for all that left in it: as soon as anything
 * leaves, and not once for each.
 */
export interface InFlightWindow {
  /** Returns whether there was room. What alone is too large goes in when all is empty. */
  enter(weight: number): boolean;
  /** Resolves when it is worth trying again, for all in the order in which they came. */
  untilRoom(): Promise<void>;
  leave(weight: number): void;
  /** What is inside. */
  weight(): number;
}

export function createInFlightWindow(max: number): InFlightWindow {
  let inside = 0;
  let room: PromiseWithResolvers<void> | undefined;
  let telling = false;

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
    if (room === undefined || telling) return;
    telling = true;
    setImmediate(tell);
  }

  function tell(): void {
    telling = false;
    room?.resolve();
    room = undefined;
  }

  return { enter, leave, untilRoom: async () => room?.promise, weight: () => inside };
}
