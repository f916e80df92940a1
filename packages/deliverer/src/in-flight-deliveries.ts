import { settledWithin } from '@preservarium/concurrency';
import type { DeliveryResult } from './deliverer.js';

/** The deliveries in flight of a deliverer, which its `close` waits for. */
export interface InFlightDeliveries {
  /** Aborted when `drain` gives up the deliveries in flight. */
  readonly closing: AbortSignal;
  /** Counts a delivery as in flight until it has its result, and returns that. */
  track(delivery: DeliveryResult | Promise<DeliveryResult>): Promise<DeliveryResult>;
  /** Resolves when no delivery is in flight; aborts `closing` after `timeoutMs`, or then if that is earlier. */
  drain(timeoutMs: number): Promise<void>;
}

/** Returns an empty set of deliveries. A counter does: a set of promises would cost more than the delivery of a small command. */
export function createInFlightDeliveries(): InFlightDeliveries {
  const closing = new AbortController();
  let count = 0;
  let onDrained = () => {};
  return {
    closing: closing.signal,
    async track(delivery) {
      count += 1;
      try {
        return await delivery;
      } finally {
        count -= 1;
        if (count === 0) onDrained();
      }
    },
    async drain(timeoutMs) {
      const drained = new Promise<void>((resolve) => {
        onDrained = resolve;
        if (count === 0) resolve();
      });
      await settledWithin(drained, timeoutMs);
      closing.abort();
      await drained;
    },
  };
}
