import type { AssignedPartition, ConsumedRecord } from '@preservarium/backend';
import { type Checkpoint, decodeCheckpoint } from './checkpoint.js';
import type { WaitingCommands } from './waiting-store.js';

/** Where the changelog of a partition was assigned, as far as a store is compared with it. */
export type ChangelogStart = Pick<AssignedPartition, 'nextOffset' | 'readFrom' | 'isFirstStart'>;

/**
 * Returns the offset of the last record that the store knows: reading the changelog starts with it. Undefined for a store that knows nothing of it, and where the
 * group has forgotten its position: then the topic may have been created anew.
 */
export function resumeOffset(
  waiting: Pick<WaitingCommands, 'checkpoint'>,
  { isFirstStart, isNewTopic }: Pick<AssignedPartition, 'isFirstStart' | 'isNewTopic'>,
): number | undefined {
  return isFirstStart || isNewTopic ? undefined : checkpointOf(waiting)?.last.offset;
}

/** Compares what the store knows of a changelog with the first record that is read of it. */
export interface StoredPosition {
  /**
   * - `resume`: the last one that the store knows: its checkpoint holds, and the next records are new.
   * - `read`: the store knows nothing of it.
   * - `mismatch`: the store knew another changelog, and was emptied: the changelog must be read from its base.
   */
  accept(record: ConsumedRecord): 'resume' | 'read' | 'mismatch';
  /** Only after `resume`. */
  checkpoint(): Checkpoint;
}

/** @param onDropped called with the number of commands of a store that is of another changelog, and was emptied; not where other owners have moved the base past what it knows */
export function createStoredPosition(
  waiting: WaitingCommands,
  { nextOffset, readFrom }: ChangelogStart,
  onDropped: (commands: number) => void,
): StoredPosition {
  const checkpoint = checkpointOf(waiting);
  let awaited = checkpoint?.last;
  if (checkpoint === undefined) waiting.clear();
  else if (checkpoint.last.offset !== readFrom) drop(checkpoint.last.offset >= nextOffset);

  function drop(isOfAnother: boolean): void {
    awaited = undefined;
    if (isOfAnother) onDropped(waiting.count());
    waiting.clear();
  }

  return {
    accept({ offset, timestampMs }) {
      if (awaited === undefined) return 'read';
      if (offset !== awaited.offset || timestampMs !== awaited.timestampMs) {
        drop(true);
        return 'mismatch';
      }
      awaited = undefined;
      waiting.resume();
      return 'resume';
    },
    checkpoint: () => checkpoint as Checkpoint,
  };
}

function checkpointOf(waiting: Pick<WaitingCommands, 'checkpoint'>): Checkpoint | undefined {
  const text = waiting.checkpoint();
  return text === undefined ? undefined : decodeCheckpoint(text);
}
