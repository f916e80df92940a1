import type { HeldCommand } from './held-command.js';

/** Knows the newest command of each device and supersede key, up to a limit. */
export interface Supersession {
  /** Whether a command that was sent again from the dead letters is older than one that came since. Notes the command. */
  isOutdated(held: HeldCommand): boolean;
}

export function createSupersession(limit: number): Supersession {
  const newest = new Map<string, number>();
  return {
    isOutdated({ command, isRedriven }) {
      if (command.supersedeKey === undefined) return false;
      const key = `${command.deviceId}\n${command.supersedeKey}`;
      const issuedAtMs = command.timestamp.getTime();
      const newestMs = newest.get(key) ?? Number.NEGATIVE_INFINITY;
      if (isRedriven && issuedAtMs < newestMs) return true;
      newest.delete(key);
      newest.set(key, Math.max(issuedAtMs, newestMs));
      if (newest.size > limit) {
        for (const oldest of newest.keys()) {
          newest.delete(oldest);
          break;
        }
      }
      return false;
    },
  };
}
