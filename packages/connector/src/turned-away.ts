import type { Ledgers } from './ledger/ledgers.js';

/** Counts the requests of devices whose partition is that of another connector. */
export interface TurnedAway {
  /** Returns true if another connector has the partition of the device, and counts that. */
  turnsAway(deviceId: string): boolean;
  count(): number;
}

export function createTurnedAway(ledgers: Pick<Ledgers, 'isElsewhere'>): TurnedAway {
  let count = 0;
  return {
    turnsAway(deviceId) {
      const isElsewhere = ledgers.isElsewhere(deviceId);
      if (isElsewhere) count++;
      return isElsewhere;
    },
    count: () => count,
  };
}
