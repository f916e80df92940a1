import { type ConsumedRecord, headersSize } from '@preservarium/backend';
import type { PendingCommand } from '../pending-command.js';

/**
 * Bounds what was taken from the command topic and whose outcome is not in Kafka yet. Those who wait for capacity are woken once in a turn
 * of the event loop, for all that left in it: as soon as anything leaves, and not once for each.
 */
export interface InFlightWindow {
  /** Returns whether there is capacity. A record larger than all of it enters when nothing else is in flight. */
  enter(record: ConsumedRecord): boolean;
  /** Resolves when it is worth trying again, for all in the order in which they came. */
  untilCapacity(): Promise<void>;
  leave(pending: Pick<PendingCommand, 'record' | 'hasLeft'>): void;
  /** Records in flight; a heavy one counts as several, so that both limits hold. */
  weight(): number;
}

export interface InFlightLimits {
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
}

export function createInFlightWindow({ maxInFlight, maxInFlightBytes }: InFlightLimits): InFlightWindow {
  let inFlight = 0;
  let capacity: PromiseWithResolvers<void> | undefined;
  let isWaking = false;

  function weightOf(record: ConsumedRecord): number {
    return Math.ceil((sizeOf(record) * maxInFlight) / maxInFlightBytes) || 1;
  }

  function enter(record: ConsumedRecord): boolean {
    if (capacity !== undefined) return false;
    const weight = weightOf(record);
    if (inFlight > 0 && inFlight + weight > maxInFlight) {
      capacity = Promise.withResolvers();
      return false;
    }
    inFlight += weight;
    return true;
  }

  function leave(pending: Pick<PendingCommand, 'record' | 'hasLeft'>): void {
    if (pending.hasLeft) return;
    pending.hasLeft = true;
    inFlight -= weightOf(pending.record);
    if (capacity === undefined || isWaking) return;
    isWaking = true;
    setImmediate(wake);
  }

  function wake(): void {
    isWaking = false;
    capacity?.resolve();
    capacity = undefined;
  }

  return { enter, leave, untilCapacity: async () => capacity?.promise, weight: () => inFlight };
}

/** Bytes of the record, about: headers count by their characters. */
function sizeOf({ key, value, headers }: ConsumedRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0) + headersSize(headers);
}
