import { boundsOfChannels } from '../channel.js';
import type { GuardedStatements } from './guarded-statements.js';
import type { WaitingCommands } from './waiting-store.js';

/** When the next attempt of each channel is due. */
export type StoredChannels = Pick<
  WaitingCommands,
  'channelsOf' | 'setDue' | 'setDueNow' | 'callUndue' | 'ensureDue' | 'takeDue' | 'nextDueMs'
>;

export function createStoredChannels({ get, all, run, change }: GuardedStatements): StoredChannels {
  return {
    channelsOf: (deviceId) =>
      all('channels', deviceId, ...boundsOfChannels(deviceId)).map(({ channel }) => String(channel)),
    setDue: (channel, atMs) => change('setDue', atMs, channel)?.waits === 1,
    setDueNow: (channel) => change('setDueNow', channel)?.waits === 1,
    callUndue() {
      run('callUndue');
    },
    ensureDue(channel) {
      run('ensureDue', channel);
    },
    takeDue(nowMs, limit) {
      const due = all('due', nowMs, limit) as unknown as { id: number; channel: string }[];
      for (const { id } of due) run('take', id);
      return due.map(({ channel }) => channel);
    },
    nextDueMs: () => (get('nextDue')?.at ?? undefined) as number | undefined,
  };
}
