import type { Logger } from '@preservarium/backend';
import { describeStateError } from '@preservarium/state-file';
import { pause } from '../pause.js';
import type { Ledgers } from './ledgers.js';
import type { PartitionLedger } from './partition-ledger.js';
import type { WaitingStore } from './waiting-store.js';

const firstLookMs = 1_000;
const maxLookMs = 60_000;
/** A disk that is full again so soon after it had room is looked at less and less often. */
const calmMs = 600_000;

export interface FullDiskOptions {
  readonly store: Pick<WaitingStore, 'recover'>;
  readonly stateDir: string | undefined;
  readonly ledgers: Pick<Ledgers, 'all' | 'leaveAll'>;
  readonly logger: Logger;
  /** Resolves when the connector closes. */
  readonly closing: Promise<void>;
  /** Forgets the commands of a partition that was left. */
  drop(ledger: PartitionLedger): void;
  /** Takes the partitions anew. */
  rejoin(): void;
  onFailed(error: unknown): void;
}

/**
 * A connector whose disk is full leaves its partitions as if it had crashed, takes no records, and takes the partitions anew when there is room. The changelog has everything that was not written.
 */
export interface FullDisk {
  onFull(error: unknown): void;
  isFull(): boolean;
  /** Resolves when there is room, or the connector closes; undefined while there is. */
  untilRoom(): Promise<void> | undefined;
}

export function createFullDisk(options: FullDiskOptions): FullDisk {
  const { store, ledgers, logger, closing } = options;
  let room: Promise<void> | undefined;
  let lookMs = firstLookMs;
  let hadRoomAtMs = Number.NEGATIVE_INFINITY;

  function onFull(error: unknown): void {
    const err = describeStateError(error, options.stateDir);
    logger.error({ err }, 'the disk of the store is full: the connector takes nothing until there is space');
    ledgers.leaveAll();
    if (performance.now() - hadRoomAtMs > calmMs) lookMs = firstLookMs;
    room = lookForRoom().catch(options.onFailed);
  }

  async function lookForRoom(): Promise<void> {
    // The store is in the middle of a call.
    await Promise.resolve();
    for (const ledger of ledgers.all()) options.drop(ledger);
    do {
      if (await pause(lookMs, closing)) return;
      lookMs = Math.min(lookMs * 2, maxLookMs);
    } while (!store.recover());
    hadRoomAtMs = performance.now();
    logger.info({}, 'the disk of the store has space: the connector goes on');
    room = undefined;
    options.rejoin();
  }

  return { onFull, isFull: () => room !== undefined, untilRoom: () => room };
}
