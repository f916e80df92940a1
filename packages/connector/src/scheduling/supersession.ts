import QuickLRU from 'quick-lru';
import type { PendingCommand } from '../pending-command.js';

/** Knows the newest command of each device and supersede key, up to a limit. */
export interface Supersession {
  /** Returns true if a redriven command is older than one that came since. Remembers the command. */
  isOutdated(pending: PendingCommand): boolean;
}

export function createSupersession(limit: number): Supersession {
  const newestMs = new QuickLRU<string, number>({ maxSize: limit });
  return {
    isOutdated({ command, isRedriven }) {
      if (command.supersedeKey === undefined) return false;
      const key = `${command.deviceId}\n${command.supersedeKey}`;
      const issuedAtMs = command.timestamp.getTime();
      const knownMs = newestMs.get(key) ?? Number.NEGATIVE_INFINITY;
      if (isRedriven && issuedAtMs < knownMs) return true;
      newestMs.set(key, Math.max(issuedAtMs, knownMs));
      return false;
    },
  };
}
