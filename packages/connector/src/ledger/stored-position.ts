import type { ConsumedRecord } from '@preservarium/backend';
import { type Checkpoint, decodeCheckpoint } from './checkpoint.js';
import type { WaitingCommands } from './waiting-store.js';

/** Compares what the store knows of a changelog with what is read of it from the base on. */
export interface StoredPosition {
  /**
   * - `skip`: the store knows the record.
   * - `resume`: it was the last one that the store knows: its checkpoint holds, and the next records are new.
   * - `read`: the store knows nothing of it.
   * - `mismatch`: the store knew another changelog, and was emptied, but records were skipped: they must be read from the base again.
   */
  accept(record: ConsumedRecord): 'skip' | 'resume' | 'read' | 'mismatch';
  /** Returns true until it is known whether the store fits the changelog. */
  isBehind(): boolean;
  /** Only after `resume`. */
  checkpoint(): Checkpoint;
}

export function createStoredPosition(waiting: WaitingCommands): StoredPosition {
  const text = waiting.checkpoint();
  const checkpoint = text === undefined ? undefined : decodeCheckpoint(text);
  let awaited = checkpoint?.last;
  let hasSkipped = false;
  if (checkpoint === undefined) waiting.clear();

  return {
    accept({ offset, timestampMs }) {
      if (awaited === undefined) return 'read';
      const { offset: lastOffset, timestampMs: lastMs } = awaited;
      if (offset < lastOffset) {
        hasSkipped = true;
        return 'skip';
      }
      awaited = undefined;
      if (offset === lastOffset && timestampMs === lastMs) {
        waiting.resume();
        return 'resume';
      }
      waiting.clear();
      return hasSkipped ? 'mismatch' : 'read';
    },
    isBehind: () => awaited !== undefined,
    checkpoint: () => checkpoint as Checkpoint,
  };
}
