import type { CommandMessage } from '@preservarium/core';
import QuickLRU from 'quick-lru';
import type { Conclusion } from '../outcome/conclusion.js';
import type { PendingCommand } from '../pending-command.js';

/** Knows the newest command of each channel and supersede key, up to a limit. */
export interface Supersession {
  /** Returns how a redriven command ends that is older than one that came since; undefined for any other, which is remembered. */
  endOf(command: IssuedCommand): Conclusion | undefined;
}

interface IssuedCommand extends Pick<PendingCommand, 'channel' | 'isRedriven'> {
  readonly command: Pick<CommandMessage, 'supersedeKey' | 'timestamp'>;
}

/** Returns the end of a command that another one replaces. @param requestId of that one */
export function supersededBy(requestId: string): Conclusion {
  return { state: 'superseded', reason: `by ${requestId}` };
}

export function createSupersession(limit: number): Supersession {
  const newestMs = new QuickLRU<string, number>({ maxSize: limit });
  return {
    endOf({ channel, command, isRedriven }) {
      if (command.supersedeKey === undefined) return undefined;
      const key = `${channel}\n${command.supersedeKey}`;
      const issuedAtMs = command.timestamp.getTime();
      const knownMs = newestMs.get(key) ?? Number.NEGATIVE_INFINITY;
      if (isRedriven && issuedAtMs < knownMs) {
        return { state: 'superseded', reason: 'by a newer one that came before it was sent again' };
      }
      newestMs.set(key, Math.max(issuedAtMs, knownMs));
      return undefined;
    },
  };
}
