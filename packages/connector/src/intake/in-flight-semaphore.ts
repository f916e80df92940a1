import { type ConsumedRecord, headersSize } from '@preservarium/backend';
import type { PendingCommand } from '../pending-command.js';

/** A partition may hold so many times as much as is left for the others: alone, four fifths of all. */
const largestShare = 4;

/**
 * Bounds the records that were taken from the command topic and whose outcome is not in Kafka yet, so that a partition whose records stay leaves room for
 * the others ("dynamic thresholds", Choudhury and Hahne 1998). Waiting callers are woken once in a turn of the event loop, for all releases in it: waking
 * them for each release would cost more than taking a record.
 */
export interface InFlightSemaphore {
  /** Returns true if the record's weight is taken. A record heavier than the maximum is granted when nothing else is in flight. */
  tryAcquire(record: ConsumedRecord): boolean;
  /** Resolves when something has left after `tryAcquire` returned false, for all callers in the order of their calls. */
  untilCapacity(): Promise<void>;
  /** Returns the weight of a record; later calls for the same do nothing. */
  release(pending: Pick<PendingCommand, 'record' | 'hasLeft'>): void;
  /** Returns the weight in flight: a record counts as one, or as several if it is large, so that both limits hold. */
  weight(): number;
}

export interface InFlightLimits {
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
}

export function createInFlightSemaphore({
  maxInFlight,
  maxInFlightBytes,
}: InFlightLimits): InFlightSemaphore {
  let inFlight = 0;
  const ofPartition: number[] = [];
  let capacity: PromiseWithResolvers<void> | undefined;
  let isWaking = false;

  function weightOf(record: ConsumedRecord): number {
    return Math.ceil((sizeOf(record) * maxInFlight) / maxInFlightBytes) || 1;
  }

  function tryAcquire(record: ConsumedRecord): boolean {
    const weight = weightOf(record);
    const own = ofPartition[record.partition] ?? 0;
    const hasRoom = inFlight + weight <= maxInFlight && own < largestShare * (maxInFlight - inFlight);
    if (inFlight > 0 && !hasRoom) {
      capacity ??= Promise.withResolvers();
      return false;
    }
    inFlight += weight;
    ofPartition[record.partition] = own + weight;
    return true;
  }

  function release(pending: Pick<PendingCommand, 'record' | 'hasLeft'>): void {
    if (pending.hasLeft) return;
    pending.hasLeft = true;
    const { partition } = pending.record;
    const weight = weightOf(pending.record);
    inFlight -= weight;
    ofPartition[partition] = (ofPartition[partition] ?? 0) - weight;
    if (capacity === undefined || isWaking) return;
    isWaking = true;
    setImmediate(wake);
  }

  function wake(): void {
    isWaking = false;
    capacity?.resolve();
    capacity = undefined;
  }

  return { tryAcquire, release, untilCapacity: async () => capacity?.promise, weight: () => inFlight };
}

/** Bytes of the record, about: headers count by their characters. */
function sizeOf({ key, value, headers }: ConsumedRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0) + headersSize(headers);
}
