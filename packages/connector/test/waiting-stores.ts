import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@preservarium/backend';
import { type OpenWaitingStoreOptions, openWaitingStore } from '../src/ledger/open-waiting-store.js';
import type { WaitingCommand, WaitingStore } from '../src/ledger/waiting-store.js';

/** A directory that is removed by `clean`. */
export function createStateDir() {
  const stateDir = mkdtempSync(join(tmpdir(), 'waiting-'));
  return { stateDir, clean: () => rmSync(stateDir, { recursive: true, force: true }) };
}

/** @param stateDir undefined for a store in memory */
export function openStore(
  stateDir: string | undefined,
  options: Partial<OpenWaitingStoreOptions> = {},
): WaitingStore {
  return openWaitingStore({
    stateDir,
    identity: 'group',
    maxWaiting: 100,
    maxStoreBytes: 2 ** 30,
    logger: silentLogger,
    onFailed: rethrow,
    onDiskFull: rethrow,
    ...options,
  });
}

export type NewCommand = Omit<WaitingCommand, 'supersededBy'>;

/** A command of device `d1` with this offset in the command topic, and one in the changelog that is 100 higher. */
export function waitingCommand(offset: number, given: Partial<NewCommand> = {}): NewCommand {
  return {
    record: {
      topic: 'commands',
      partition: 0,
      offset,
      timestampMs: 1_000 + offset,
      key: Buffer.from('d1'),
      value: Buffer.from([0, 255, offset]),
      headers: [
        ['name', Buffer.from([1, 0, 254])],
        ['none', null],
      ],
    },
    attempts: { started: 0, answered: 0, sent: false },
    sinceMs: 5_000,
    mayBeRepeat: false,
    changelogOffset: offset + 100,
    deviceId: 'd1',
    channel: given.deviceId ?? 'd1',
    requestId: `r${offset}`,
    supersedeKey: undefined,
    priority: 0,
    deadlineMs: 10_000,
    issuedAtMs: offset,
    isRedriven: false,
    ...given,
  };
}

function rethrow(error: unknown): never {
  throw error;
}
